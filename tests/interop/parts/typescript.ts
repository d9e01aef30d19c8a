import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { callTool } from "../../parts/official_client.ts";
import { startMcpServer } from "../../parts/mcp_server.ts";
import { proxyCommand, proxyEnvironment } from "../../parts/proxy_command.ts";
import type { PairClient, PairServer } from "./pairs.ts";

// The official TypeScript SDK 2.x, as client and as server of each era.

/**
 * A client.
 *
 * @param mode the SDK's own word: `legacy` begins with `initialize`, `auto` asks which eras there are
 */
const typeScriptClient = (mode: "legacy" | "auto"): PairClient => ({
  name: `TypeScript 2.4, ${mode === "auto" ? "both eras" : "2025-11-25"}`,
  async use(env) {
    const [command, ...args] = proxyCommand();
    const logged = Promise.withResolvers<string>();
    const changed = Promise.withResolvers<boolean>();
    const client = new Client({ name: "test-client", version: "1.0.0" }, {
      versionNegotiation: { mode },
      capabilities: { elicitation: { form: {} }, sampling: {}, roots: {} },
    });
    client.setRequestHandler("elicitation/create", () => ({
      action: "accept" as const,
      content: { name: "Ada" },
    }));
    client.setRequestHandler("sampling/createMessage", () => ({
      role: "assistant" as const,
      model: "test-model",
      content: { type: "text" as const, text: "words" },
    }));
    client.setRequestHandler("roots/list", () => ({ roots: [{ uri: "file:///work" }] }));
    client.setNotificationHandler(
      "notifications/message",
      ({ params }) => logged.resolve(String(params.data)),
    );
    client.setNotificationHandler(
      "notifications/tools/list_changed",
      () => changed.resolve(true),
    );
    const transport = new StdioClientTransport({ command, args, env: proxyEnvironment(env) });
    await client.connect(transport);
    const progress: number[] = [];
    const { onmessage } = transport;
    // The SDK's own callback misses progress that arrives together with the answer.
    transport.onmessage = (message) => {
      if ("method" in message && message.method === "notifications/progress") {
        progress.push(Number(message.params?.progress));
      }
      onmessage?.(message);
    };
    const call = (name: string, args: Record<string, unknown> = {}) =>
      callTool(client, name, args).catch((error) => `error: ${error.message}`);
    try {
      const protocol = client.getNegotiatedProtocolVersion()!;
      const isModern = protocol >= "2026";
      if (isModern) await client.listen({ toolsListChanged: true });
      else await client.setLoggingLevel("info").catch(() => {});
      const seen = {
        protocol,
        tools: (await client.listTools()).tools.map(({ name }) => name),
        echo: await call("echo", { text: "Grüße" }),
        clientId: JSON.parse(await call("whoami")).clientId,
        countdown: await callTool(client, "countdown", { from: 3 }, { onprogress() {} }),
        progress,
        elicitation: await call("ask_name"),
        sampling: await call("summarize", { text: "many words" }),
        roots: await call("roots"),
      };
      const meta = isModern ? { _meta: { [LOG_LEVEL]: "info" } } : {};
      await client.callTool({ name: "log", arguments: {}, ...meta });
      const logging = await within(logged.promise);
      await call("change_tools");
      const list_changed = await within(changed.promise);
      await callTool(client, "slow", {}, { signal: AbortSignal.timeout(500) }).catch(() => {});
      await elapsed(500);
      return { ...seen, logging, list_changed, cancelled: await call("cancelled") };
    } finally {
      await client.close();
    }
  },
});

const LOG_LEVEL = "io.modelcontextprotocol/logLevel";

const elapsed = (ms: number) =>
  new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

/** A notification may come after the answer. */
const within = <T>(promise: Promise<T>) => Promise.race([promise, elapsed(2000)]);

/** A server of one era. */
const typeScriptServer = (era: "legacy" | "modern"): PairServer => ({
  name: `TypeScript 2.4, ${era === "legacy" ? "2025-11-25" : "2026-07-28"}`,
  start: (authorizationServer) => startMcpServer({ authorizationServer, era }),
});

/** Clients and servers of each era. */
export function typeScriptPairs(): { clients: PairClient[]; servers: PairServer[] } {
  return {
    clients: [typeScriptClient("legacy"), typeScriptClient("auto")],
    servers: [typeScriptServer("legacy"), typeScriptServer("modern")],
  };
}
