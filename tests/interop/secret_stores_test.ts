import { assertEquals } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { askWhoAmI } from "../parts/whoami.ts";

// The recipes of docs/secrets.md for programs that Debian has. A program that is missing is skipped.

const missing = (program: string) =>
  Deno.build.os !== "linux" ||
  !new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" })
    .outputSync().success;

async function shell(script: string, env: Record<string, string>): Promise<void> {
  const { code, stderr } = await runCommand(["-c", script], { command: ["bash"], env });
  assertEquals(code, 0, stderr);
}

/** Stores a secret, and has the proxy get a token with what the command prints. */
async function getsToken(
  command: string,
  env: Record<string, string>,
  store: (secret: string) => Promise<void>,
) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer });
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_basic;
  await store(clientSecret);
  const { identity, error, log } = await askWhoAmI({
    ...env,
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET_COMMAND: command,
    MCP_SERVER_URL: server.url,
  });
  assertEquals(identity?.clientId, clientId, `${JSON.stringify(error)}\n${log}`);
}

Deno.test({
  name: "pass: the proxy reads the client secret from the password store",
  ignore: missing("pass"),
  fn: () =>
    withFolder(async (folder) => {
      const env = { GNUPGHOME: `${folder}/gnupg`, PASSWORD_STORE_DIR: `${folder}/store` };
      await getsToken("pass show mcp/client-secret", env, (SECRET) =>
        shell(
          `mkdir -m 700 "$GNUPGHOME" &&
          gpg --batch --quiet --passphrase '' --quick-gen-key mcp@example.com default default &&
          pass init mcp@example.com && printf '%s\\n' "$SECRET" | pass insert --multiline mcp/client-secret`,
          { ...env, SECRET },
        ));
      await shell("gpgconf --kill gpg-agent", env);
    }),
});

Deno.test({
  name: "secret-tool: the proxy reads the client secret from the GNOME keyring",
  ignore: missing("secret-tool") || missing("gnome-keyring-daemon") || missing("dbus-daemon"),
  fn: () =>
    withFolder(async (folder) => {
      const home = { HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: folder };
      const bus = new Deno.Command("dbus-daemon", {
        args: ["--session", "--nofork", "--print-address", `--address=unix:path=${folder}/bus`],
        env: home,
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = bus.stdout.getReader();
      await reader.read();
      const env = { ...home, DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/bus` };
      const keyring = new Deno.Command("gnome-keyring-daemon", {
        args: ["--foreground", "--unlock", "--components=secrets"],
        env,
        stdin: "piped",
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        const password = keyring.stdin.getWriter();
        await password.write(new TextEncoder().encode("password"));
        await password.close();
        const { HOME: _home, ...forProxy } = env;
        const command = "secret-tool lookup service mcp account my-client";
        await getsToken(command, forProxy, (SECRET) =>
          shell(
            `for try in $(seq 100); do
            printf %s "$SECRET" | secret-tool store --label=MCP service mcp account my-client && exit
            sleep 0.1
          done; exit 1`,
            { ...env, SECRET },
          ));
      } finally {
        for (const child of [keyring, bus]) {
          try {
            child.kill("SIGTERM");
          } catch { /* It has ended already. */ }
          await child.status;
        }
        await reader.cancel();
      }
    }),
});
