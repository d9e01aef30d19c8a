/** A running npm registry with one package. */
export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts an npm registry on 127.0.0.1 that has one version of one package.
 *
 * @param tarball the package, as `npm pack` makes it
 * @param packageJson its `package.json`
 */
export function startNpmRegistry(
  tarball: Uint8Array<ArrayBuffer>,
  packageJson: { readonly name: string; readonly version: string },
): NpmRegistry {
  const { name, version } = packageJson;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname.endsWith(".tgz")) return new Response(tarball);
    if (pathname !== `/${name}`) return new Response("not found", { status: 404 });
    const dist = { tarball: `${origin}/${name}-${version}.tgz` };
    return Response.json({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...packageJson, dist } },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
