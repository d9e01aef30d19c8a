import { assert, assertEquals } from "@std/assert";
import { createTokenCache, type TokenCache } from "../../../../src/auth/tokens/token_cache.ts";
import type { TokenSet } from "../../../../src/auth/tokens/token_set.ts";
import { currentRuntime } from "../../../../src/runtime/current.ts";
import { keptLog } from "../../../parts/fake_http.ts";

/** Runs a test with a folder of its own, and caches in it as several proxies have them. */
async function withFolder(
  test: (
    cache: (secret?: string, now?: () => number) => TokenCache,
    folder: string,
  ) => Promise<void>,
) {
  const files = await (await currentRuntime()).privateFiles();
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/tokens`;
  try {
    await test((secret = "secret", now) =>
      createTokenCache({
        folder,
        credential: () => Promise.resolve(secret),
        files,
        log: keptLog(),
        now,
      }), folder);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** Gives `token 1`, `token 2` and so on. */
function numbered(expiresIn: number | undefined = 300) {
  const asked = { count: 0 };
  const request = (): Promise<TokenSet> =>
    Promise.resolve({ accessToken: `token ${++asked.count}`, expiresIn });
  return { asked, request };
}

Deno.test("a token that one proxy has got serves the next, for as long as it is good", () =>
  withFolder(async (cache) => {
    let time = Date.now();
    const { request } = numbered();
    const now = () => time;
    assertEquals((await cache("secret", now).through("key", request)).accessToken, "token 1");
    time += 200_000;
    assertEquals(await cache("secret", now).through("key", request), {
      accessToken: "token 1",
      expiresIn: 100,
    });
    time += 71_000;
    assertEquals((await cache("secret", now).through("key", request)).accessToken, "token 2");
  }));

Deno.test("proxies that start together ask for one token", () =>
  withFolder(async (cache) => {
    const { request, asked } = numbered();
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return await request();
    };
    const tokens = await Promise.all(
      Array.from({ length: 10 }, () => cache().through("key", slow)),
    );
    assertEquals(new Set(tokens.map(({ accessToken }) => accessToken)), new Set(["token 1"]));
    assertEquals(asked.count, 1);
  }));

Deno.test("a token that was stored just before the lock was acquired is used", async () => {
  const files = await (await currentRuntime()).privateFiles();
  await withFolder(async (cache, folder) => {
    const { request, asked } = numbered();
    const late = createTokenCache({
      folder,
      credential: () => Promise.resolve("secret"),
      log: keptLog(),
      files: {
        ...files,
        async folder(path) {
          const place = await files.folder(path);
          return {
            ...place,
            async create(name) {
              await cache().through("key", request);
              return await place.create(name);
            },
          };
        },
      },
    });
    assertEquals((await late.through("key", request)).accessToken, "token 1");
    assertEquals(asked.count, 1);
  });
});

Deno.test("each issuer, client, scope and resource has its own token", () =>
  withFolder(async (cache) => {
    const { request } = numbered();
    await cache().through("one", request);
    assertEquals((await cache().through("two", request)).accessToken, "token 2");
  }));

Deno.test("a refused token is removed for all processes, and other tokens stay", () =>
  withFolder(async (cache) => {
    const { request } = numbered();
    const one = cache();
    const refused = await one.through("key", request);
    await one.drop("key", { accessToken: "another", expiresIn: 300 });
    assertEquals((await cache().through("key", request)).accessToken, refused.accessToken);
    await one.drop("key", refused);
    assertEquals((await cache().through("key", request)).accessToken, "token 2");
  }));

Deno.test("a file cannot be read without the secret, and a damaged file is replaced", () =>
  withFolder(async (cache, folder) => {
    const { request } = numbered();
    await cache("secret").through("key", request);
    assertEquals((await cache("changed").through("key", request)).accessToken, "token 2");
    for await (const { name } of Deno.readDir(folder)) {
      assert(!(await Deno.readTextFile(`${folder}/${name}`)).includes("token"));
      await Deno.writeTextFile(`${folder}/${name}`, "rubbish");
    }
    assertEquals((await cache("changed").through("key", request)).accessToken, "token 3");
  }));

Deno.test({
  name: "only the user can read the files (Windows has no modes)",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (cache, folder) => {
      await cache().through("key", numbered().request);
      assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
      const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assertEquals(names.length, 1, "no lock and no draft is left");
      assertEquals((await Deno.stat(`${folder}/${names[0]}`)).mode! & 0o777, 0o600);
    }),
});

Deno.test("a stale lock does not block other processes forever", () =>
  withFolder(async (cache, folder) => {
    const { request } = numbered();
    await cache().through("key", request);
    const [{ name }] = [...Deno.readDirSync(folder)];
    await Deno.remove(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/${name}.lock`, "");
    const old = new Date(Date.now() - 60_000);
    await Deno.utime(`${folder}/${name}.lock`, old, old);
    assertEquals((await cache().through("key", request)).accessToken, "token 2");
  }));

Deno.test("a failed token request is the error, and leaves no lock", () =>
  withFolder(async (cache, folder) => {
    const failing = () => Promise.reject(new Error("401 invalid_client"));
    const problem = await cache().through("key", failing).catch((error) => error.message);
    assertEquals(problem, "401 invalid_client");
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("a folder that cannot be written to costs a token, not the answer", async () => {
  const files = await (await currentRuntime()).privateFiles();
  const file = await Deno.makeTempFile();
  const log = keptLog();
  try {
    const cache = createTokenCache({
      folder: `${file}/inside`,
      credential: () => Promise.resolve("secret"),
      files,
      log,
    });
    assertEquals((await cache.through("key", numbered().request)).accessToken, "token 1");
    assert(log.lines.some((line) => line.includes("MCP_TOKEN_CACHE")));
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a token without a lifetime is not shared", () =>
  withFolder(async (cache) => {
    const { request } = numbered(0);
    await cache().through("key", request);
    assertEquals((await cache().through("key", request)).accessToken, "token 2");
  }));

Deno.test("a lock whose time is in the future is not waited for", () =>
  withFolder(async (cache, folder) => {
    const { request } = numbered();
    // The time stands still, so that waiting would never end.
    const time = Date.now();
    const now = () => time;
    await cache("secret", now).through("key", request);
    const [{ name }] = [...Deno.readDirSync(folder)];
    await Deno.remove(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/${name}.lock`, "");
    const future = new Date(Date.now() + 3_600_000);
    await Deno.utime(`${folder}/${name}.lock`, future, future);
    assertEquals((await cache("secret", now).through("key", request)).accessToken, "token 2");
  }));
