import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LINKS = fileURLToPath(new URL("../../links/", import.meta.url));

/** A package that a registry serves: its configuration, and its files by path (`/mod.ts`). */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A JSR registry on loopback. */
export interface JsrRegistry {
  /** Its URL, the value of `JSR_URL`. */
  readonly url: string;
  /** The paths of the files of a package that was published to it, sorted. */
  files(name: string): string[];
}

/**
 * Starts a JSR registry on loopback, since the real one publishes for good. It serves the stand-ins
 * of links/ as the `@std` packages, and whatever `deno publish` sends to it.
 */
export async function startJsrRegistry(): Promise<JsrRegistry> {
  const packages = new Map<string, Package>();
  for await (const { name } of Deno.readDir(LINKS)) {
    const found = await readPackage(join(LINKS, name));
    packages.set(found.name, found);
  }
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("/api/")) return await download(packages, pathname);
      if (request.method !== "POST") {
        return pathname.includes("/versions/") ? notFound() : Response.json({});
      }
      const published = await unpack(new Uint8Array(await request.arrayBuffer()));
      packages.set(published.name, published);
      return Response.json({ id: "1", status: "success", error: null });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    files: (name) => [...packages.get(name)?.files.keys() ?? []].sort(),
  };
}

function notFound(): Response {
  return Response.json({ code: "notFound", message: "not found" }, { status: 404 });
}

/** Answers for `/@scope/name/meta.json`, `/@scope/name/1.0.0_meta.json` and `/@scope/name/1.0.0/path`. */
async function download(packages: ReadonlyMap<string, Package>, path: string): Promise<Response> {
  const [, name, rest] = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const found = packages.get(name);
  if (!found) return notFound();
  const { version, exports, files } = found;
  if (rest === "meta.json") {
    return Response.json({ name, latest: version, versions: { [version]: {} } });
  }
  if (rest === `${version}_meta.json`) {
    return Response.json({ manifest: await manifestOf(files), moduleGraph2: {}, exports });
  }
  const bytes = files.get(rest.slice(version.length));
  return bytes ? new Response(bytes) : notFound();
}

async function manifestOf(files: Package["files"]): Promise<Record<string, unknown>> {
  const entries = [...files].map(async ([path, bytes]) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    return [path, { size: bytes.length, checksum: `sha256-${digest}` }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Reads what `deno publish` sent: a tar archive, compressed with gzip. */
async function unpack(archive: Uint8Array): Promise<Package> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "..", `${folder.split(/[\\/]/).at(-1)}.tgz`);
    await Deno.writeFile(file, archive);
    await new Deno.Command("tar", { args: ["-xzf", file, "-C", folder] }).output();
    await Deno.remove(file);
    return await readPackage(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readPackage(folder: string): Promise<Package> {
  const { name, version, exports } = JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  await readFiles(folder, "", files);
  return { name, version, exports, files };
}

async function readFiles(
  root: string,
  path: string,
  files: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<void> {
  for await (const entry of Deno.readDir(root + path)) {
    const at = `${path}/${entry.name}`;
    if (entry.isDirectory) await readFiles(root, at, files);
    else files.set(at, await Deno.readFile(root + at));
  }
}
