import config from "../../deno.json" with { type: "json" };

/**
 * `deno.json` as users' programs see it: without `links`, so that JSR packages are the genuine ones.
 * Publishing, dnt, `deno compile` and `deno task test:jsr` use it.
 *
 * @param overrides fields to replace, for example `publish`
 */
export function publishedConfig(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  const { links: _links, ...published } = config;
  return { ...published, ...overrides };
}

/**
 * Runs a task with the path of a temporary file that holds {@linkcode publishedConfig}.
 *
 * @returns what the task returns; the file is removed then
 */
export async function withPublishedConfig<T>(task: (path: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-config-" });
  try {
    const path = `${folder}/deno.json`;
    await Deno.writeTextFile(path, JSON.stringify(publishedConfig(), null, 2));
    return await task(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
