import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { token } from "../parts/scripted_answers.ts";
import { withProxy } from "../parts/scripted_proxy.ts";
import { type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";

const isPosix = Deno.build.os !== "windows";

interface Place {
  /** Does not exist yet. */
  readonly folder: string;
  readonly authorization: ScriptedServer;
  /** Runs a proxy with the cache in `folder`; its token is sent to the server. @returns its log */
  run(folder: string, env?: Record<string, string>): Promise<{ log: string; token?: string }>;
  /** Stores a token. @returns the path of its file */
  store(): Promise<string>;
}

/** Runs a test with an authorization server that numbers its tokens. */
async function withPlace(test: (place: Place) => Promise<void>) {
  let number = 0;
  const parent = await Deno.makeTempDir();
  await using authorization = await startScriptedServer({
    token: ({ body }) => {
      const subject = new URLSearchParams(body).get("assertion");
      const name = subject ? JSON.parse(atob(subject.split(".")[1])).sub : "token";
      return token({ access_token: `${name}-${++number}` });
    },
  });
  const folder = `${parent}/tokens`;
  async function run(folder: string, env: Record<string, string> = {}) {
    let seen: string | undefined;
    let log = "";
    await withProxy({}, ({ server, proxy }) => {
      seen = server.received("initialize")[0].headers.authorization;
      log = proxy.stderr;
    }, {
      env: { MCP_TOKEN_CACHE: folder, MCP_AUTH_SERVER_URL: authorization.tokenEndpoint, ...env },
    });
    return { log, token: seen?.replace("Bearer ", "") };
  }
  async function store() {
    await run(folder);
    const [{ name }] = [...Deno.readDirSync(folder)];
    return `${folder}/${name}`;
  }
  try {
    await test({ folder, authorization, run, store });
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

const posixTest = (name: string, test: (place: Place) => Promise<void>) =>
  Deno.test({ name, ignore: !isPosix, fn: () => withPlace(test) });

posixTest(
  "The folder of the token cache can be written by others: it is not used, and a warning says so",
  async ({ folder, run }) => {
    await Deno.mkdir(folder);
    await Deno.chmod(folder, 0o777);
    const { log, token } = await run(folder);
    assertEquals(token, "token-1");
    assertStringIncludes(log, "MCP_TOKEN_CACHE");
    assertStringIncludes(log, "other users can write to it");
    assertEquals([...Deno.readDirSync(folder)], []);
  },
);

posixTest(
  "The folder of the token cache is a symbolic link: it is not followed, with or without a slash",
  async ({ folder, run }) => {
    const real = `${folder}-real`;
    await Deno.mkdir(real, { mode: 0o700 });
    await Deno.symlink(real, folder);
    for (const path of [folder, `${folder}/`]) {
      assertStringIncludes((await run(path)).log, "symbolic link");
    }
    assertEquals([...Deno.readDirSync(real)], []);
  },
);

Deno.test({
  name: "The folder of the token cache belongs to another user: it is not used",
  ignore: !isPosix || Deno.uid() !== 0,
  fn: () =>
    withPlace(async ({ folder, run }) => {
      await Deno.mkdir(folder, { mode: 0o755 });
      await Deno.chown(folder, 12_345, 12_345);
      assertStringIncludes((await run(folder)).log, "belongs to another user");
      assertEquals([...Deno.readDirSync(folder)], []);
    }),
});

posixTest(
  "A FIFO replaces a cached token: the start does not hang",
  async ({ folder, run, store }) => {
    const file = await store();
    await Deno.remove(file);
    await new Deno.Command("mkfifo", { args: [file] }).output();
    assertEquals((await run(folder)).token, "token-2");
  },
);

posixTest(
  "A symbolic link replaces a cached token: it is not followed",
  async ({ folder, run, store }) => {
    const file = await store();
    await Deno.rename(file, `${folder}/elsewhere`);
    await Deno.symlink(`${folder}/elsewhere`, file);
    assertEquals((await run(folder)).token, "token-2");
  },
);

posixTest(
  "A file of 1.5 GB replaces a cached token: it is not read",
  async ({ folder, run, store }) => {
    const file = await store();
    await Deno.truncate(file, 1_500_000_000);
    assertEquals((await run(folder)).token, "token-2");
    assert((await Deno.stat(file)).size < 10_000, "replaced by the new token");
  },
);

posixTest("A cached token that others can write to is not used", async ({ folder, run, store }) => {
  await Deno.chmod(await store(), 0o666);
  assertEquals((await run(folder)).token, "token-2");
});

posixTest(
  "The lock of a cached token has a time in the future: it is not waited for",
  async ({ folder, run, store }) => {
    const file = await store();
    await Deno.remove(file);
    await Deno.writeTextFile(`${file}.lock`, "");
    const future = new Date(Date.now() + 3_600_000);
    await Deno.utime(`${file}.lock`, future, future);
    assertEquals((await run(folder, { MCP_REQUEST_TIMEOUT: "5s" })).token, "token-2");
  },
);

Deno.test("Somebody without the secret reads the file names of the token cache: they are keyed hashes", () =>
  withPlace(async ({ folder, run, store }) => {
    await store();
    await run(folder, { MCP_CLIENT_SECRET: "another-secret" });
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));

Deno.test("The assertion file names another user: the first user's token is not used", () =>
  withPlace(async ({ folder, authorization, run }) => {
    const file = `${folder}.jwt`;
    const tokenOf = async (sub: string, jti: number) => {
      const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
      const claims = { iss: "https://idp.example", sub, jti: `assertion-${jti}` };
      await Deno.writeTextFile(file, `${part({ alg: "none" })}.${part(claims)}.signature`);
      const { token } = await run(folder, { MCP_GRANT: "jwt-bearer", MCP_ASSERTION_FILE: file });
      return token;
    };
    assertEquals(await tokenOf("alice", 1), "alice-1");
    assertEquals(await tokenOf("bob", 2), "bob-2");
    assertEquals(await tokenOf("alice", 3), "alice-1");
    assertEquals(authorization.received("token").length, 2);
  }));
