import { assert, assertEquals } from "@std/assert";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import {
  type HttpSseRequest,
  type HttpSseServer,
  startHttpSseServer,
} from "../parts/http_sse_server.ts";
import { History } from "../parts/history.ts";
import { callTool, connectOfficialClient } from "../parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";

// The 2024-11-05 transport, with the server that the official SDK had for it.

/** POSTs of a handshake: `initialize` in vain, `initialize` again, `initialized`. */
const HANDSHAKE = 3;
const isPost = ({ method }: HttpSseRequest) => method === "POST";
const isStream = ({ method }: HttpSseRequest) => method === "GET";
const isLoss = (line: string) => line.includes("starting a new session");

async function withClient(
  test: (client: Client, server: HttpSseServer, log: History<string>) => Promise<void>,
) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startHttpSseServer(authorizationServer);
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_post;
  const [command, ...args] = proxyCommand();
  const env = proxyEnvironment({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
    MCP_AUTH_METHOD: "client_secret_post",
  });
  const transport = new StdioClientTransport({ command, args, env, stderr: "pipe" });
  const log = new History<string>("log of the proxy");
  const stderr = createInterface({ input: transport.stderr as Readable });
  stderr.on("line", (line) => log.record(line));
  try {
    const client = await connectOfficialClient(transport);
    await server.requests.until(isPost, HANDSHAKE);
    await test(client, server, log).finally(() => client.close());
  } catch (error) {
    throw new Error(`The proxy logged:\n${[...log].join("\n")}`, { cause: error });
  }
}

Deno.test("HTTP+SSE: the older transport is detected, and the token is sent on both channels", () =>
  withClient(async (client, { requests }, log) => {
    assertEquals(await callTool(client, "echo", { text: "Grüße" }), "Grüße");
    const [first, second, ...others] = requests;
    assertEquals([first.method, first.path], ["POST", "/sse"], "Streamable HTTP is tried first");
    assertEquals([second.method, second.path], ["GET", "/sse"]);
    assertEquals(others.length, 3);
    assert(others.every(({ method, path }) => method === "POST" && path === "/messages"));
    assert([...requests].every(({ authorized }) => authorized));
    await log.until((line) => line.includes("2024-11-05"));
  }));

Deno.test("HTTP+SSE: progress comes before the answer, in order", () =>
  withClient(async (client) => {
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void seen.push(progress);
    assertEquals(await callTool(client, "countdown", { from: 9 }, { onprogress }), "Liftoff");
    // The client forgets its handler when the answer is in the same read as the last reports.
    assertEquals(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9].slice(0, seen.length));
  }));

Deno.test("HTTP+SSE: a tool can ask the user through the client", () =>
  withClient(async (client) => {
    assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
  }));

Deno.test("HTTP+SSE: many calls at once all get their own answer", () =>
  withClient(async (client) => {
    const texts = Array.from({ length: 100 }, (_, index) => `call ${index}`);
    assertEquals(await Promise.all(texts.map((text) => callTool(client, "echo", { text }))), texts);
  }));

Deno.test("HTTP+SSE: messages that the server sends by itself reach the client", () =>
  withClient(async (client, server) => {
    const announced = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => announced.resolve());
    server.announceTools();
    await announced.promise;
  }));

Deno.test("HTTP+SSE: a broken stream is reopened without the client noticing, and server messages arrive again", () =>
  withClient(async (client, server, log) => {
    const announced = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => announced.resolve());
    server.cutStreams();
    await server.requests.until(isStream, 2);
    await server.requests.until(isPost, HANDSHAKE + 2);
    assertEquals(await callTool(client, "echo", { text: "again" }), "again");
    server.announceTools();
    await announced.promise;
    assertEquals(server.requests.count(isStream), 2);
    await log.until(isLoss);
  }));

Deno.test("HTTP+SSE: many calls after a broken stream share one new session", () =>
  withClient(async (client, server, log) => {
    server.cutStreams();
    // A call that is sent before the proxy knows is one that the server may have acted on.
    await log.until(isLoss);
    const texts = Array.from({ length: 20 }, (_, index) => `call ${index}`);
    assertEquals(await Promise.all(texts.map((text) => callTool(client, "echo", { text }))), texts);
    assertEquals(server.requests.count(isStream), 2);
  }));
