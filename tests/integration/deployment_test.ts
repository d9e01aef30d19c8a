import { assertEquals } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { proxyCommand } from "../parts/proxy_command.ts";
import { startProxy } from "../parts/proxy.ts";
import { call, initialize, notification } from "../parts/scripted_proxy.ts";

// What containers take away: docs/deployment.md.

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"];
const WITHOUT_HOME = ["env", "--chdir=/", "-u", "HOME", "-u", "XDG_CACHE_HOME", "-u", "TMPDIR"];
const linux = Deno.build.os === "linux";

/** Whether another user may run the program under test, which is often below a private home folder. */
function runsAsNobody(): boolean {
  if (!linux || Deno.uid() !== 0) return false;
  const [program, ...args] = [...NOBODY, ...WITHOUT_HOME, ...proxyCommand(), "--version"];
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

async function callsTool(prefix: readonly string[], env: Record<string, string>) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer });
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_basic;
  await using proxy = startProxy({
    command: [...prefix, ...proxyCommand()],
    env: {
      ...env,
      MCP_CLIENT_ID: clientId,
      MCP_CLIENT_SECRET: clientSecret,
      MCP_SERVER_URL: server.url,
    },
  });
  await proxy.send(initialize());
  await proxy.response("initialize");
  await proxy.send(notification("notifications/initialized"));
  await proxy.send(call("call", "echo", { text: "hello" }));
  const { message } = await proxy.response("call");
  assertEquals(message.result?.content[0].text, "hello", proxy.stderr);
  await proxy.closeStdin();
  assertEquals((await proxy.status).code, 0);
}

/** Deno keeps its downloads below the home folder, unless it is told another place. */
const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;

for (const MCP_TOKEN_CACHE of ["false", "true"]) {
  Deno.test({
    name: `without a home folder a tool is called, MCP_TOKEN_CACHE=${MCP_TOKEN_CACHE}`,
    ignore: !linux,
    fn: () => callsTool(WITHOUT_HOME, { DENO_DIR: denoDir, MCP_TOKEN_CACHE }),
  });
}

Deno.test({
  name: "as user 65534, who can write nowhere, a tool is called",
  ignore: !runsAsNobody(),
  fn: () => callsTool([...NOBODY, ...WITHOUT_HOME], {}),
});
