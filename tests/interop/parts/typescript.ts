import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientOne } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as TransportOne } from "@modelcontextprotocol/sdk/client/stdio.js";
import * as one from "@modelcontextprotocol/sdk/types.js";
import { Mailbox } from "../../parts/mailbox.ts";
import { startMcpServer } from "../../parts/mcp_server.ts";
import { proxyCommand, proxyEnvironment } from "../../parts/proxy_command.ts";
import { CLOCK, type PairClient, type PairServer, type RestartServer, type Seen } from "./pairs.ts";

// The official TypeScript SDK: 1.x as client, and 2.x as client and as server of each era.

type Arguments = Record<string, unknown>;

/** A connected client of either version. */
interface Connected {
  /** Protocol version that it speaks. */
  readonly protocol: string;
  listTools(): Promise<{ tools: { name: string }[] }>;
  /** The text of a tool's result. */
  call(name: string, args?: Arguments, options?: CallOptions): Promise<string>;
  /** Resolves with the first log message. */
  readonly logged: Promise<string>;
  /** Resolves when the list of tools has changed. */
  readonly changed: Promise<true>;
  /** The URIs of the resources that have changed. */
  readonly updates: Mailbox<string>;
  /** The progress of all calls. */
  readonly progress: readonly number[];
}

interface CallOptions {
  readonly onprogress?: () => void;
  readonly signal?: AbortSignal;
}

const IDENTITY = { name: "test-client", version: "1.0.0" };
const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: {} };

/** What the user, the model and the client itself answer to the server. */
const ANSWERS = {
  elicitation: () => ({ action: "accept" as const, content: { name: "Ada" } }),
  sampling: () => ({
    role: "assistant" as const,
    model: "test-model",
    content: { type: "text" as const, text: "words" },
  }),
  roots: () => ({ roots: [{ uri: "file:///work" }] }),
};

/** Uses each tool of the server, and tells what it saw. */
async function useTools(client: Connected, restartServer: RestartServer): Promise<Seen> {
  const { call, logged, changed, updates, progress, protocol } = client;
  const callOrError = (name: string, args?: Arguments) =>
    call(name, args).catch((error) => `error: ${error.message}`);
  const seen = {
    protocol,
    tools: (await client.listTools()).tools.map(({ name }) => name),
    echo: await callOrError("echo", { text: "Grüße" }),
    clientId: JSON.parse(await callOrError("whoami")).clientId,
    countdown: await call("countdown", { from: 3 }, { onprogress() {} }),
    progress,
    elicitation: await callOrError("ask_name"),
    sampling: await callOrError("summarize", { text: "many words" }),
    roots: await callOrError("roots"),
  };
  await call("log").catch(() => {});
  const logging = await within(logged);
  await callOrError("change_tools");
  const list_changed = await within(changed);
  await callOrError("change_resource");
  const updated = await within(updates.take(() => true));
  await call("slow", {}, { signal: AbortSignal.timeout(500) }).catch(() => {});
  await elapsed(500);
  const cancelled = await callOrError("cancelled");
  await restartServer();
  const restart = await callOrError("echo", { text: "again" });
  const again = updates.take(() => true);
  let updated_again: string | undefined;
  // The proxy opens the subscription again after a pause.
  for (let attempt = 0; attempt < 5 && updated_again === undefined; attempt++) {
    await callOrError("change_resource");
    updated_again = await within(again);
  }
  return { ...seen, logging, list_changed, updated, cancelled, restart, updated_again };
}

/**
 * Notes the progress that a transport receives: the callback of the SDK misses progress that arrives
 * together with the answer.
 */
function progressOf(transport: { onmessage?: (message: never) => void }): readonly number[] {
  const progress: number[] = [];
  const { onmessage } = transport;
  transport.onmessage = (message: { method?: string; params?: { progress?: unknown } }) => {
    if (message.method === "notifications/progress") {
      progress.push(Number(message.params?.progress));
    }
    onmessage?.(message as never);
  };
  return progress;
}

type Content = readonly { readonly type: string; readonly text?: unknown }[];

const textOf = (content: Content) => content.map(({ text }) => String(text)).join("");

/** The proxy, as both versions of the SDK start it. */
function proxyFor(env: Record<string, string>) {
  const [command, ...args] = proxyCommand();
  return { command, args, env: proxyEnvironment(env) };
}

const versionOne: PairClient = {
  name: "TypeScript 1.32",
  async use(env, restartServer) {
    const logged = Promise.withResolvers<string>();
    const changed = Promise.withResolvers<true>();
    const updates = new Mailbox<string>();
    const client = new ClientOne(IDENTITY, { capabilities: CAPABILITIES });
    client.setRequestHandler(one.ElicitRequestSchema, ANSWERS.elicitation);
    client.setRequestHandler(one.CreateMessageRequestSchema, ANSWERS.sampling);
    client.setRequestHandler(one.ListRootsRequestSchema, ANSWERS.roots);
    client.setNotificationHandler(
      one.LoggingMessageNotificationSchema,
      ({ params }: { params: { data?: unknown } }) => logged.resolve(String(params.data)),
    );
    client.setNotificationHandler(
      one.ToolListChangedNotificationSchema,
      () => changed.resolve(true),
    );
    client.setNotificationHandler(
      one.ResourceUpdatedNotificationSchema,
      ({ params }: { params: { uri: string } }) => updates.put(params.uri),
    );
    const transport = new TransportOne(proxyFor(env));
    let protocol = "";
    // It tells the version to transports that need it.
    Object.assign(transport, { setProtocolVersion: (version: string) => protocol = version });
    await client.connect(transport);
    try {
      await client.setLoggingLevel("info").catch(() => {});
      await client.subscribeResource({ uri: CLOCK });
      return await useTools({
        protocol,
        listTools: () => client.listTools(),
        async call(name, args = {}, options) {
          const result = await client.callTool({ name, arguments: args }, undefined, options);
          return textOf(result.content as Content);
        },
        logged: logged.promise,
        changed: changed.promise,
        updates,
        progress: progressOf(transport),
      }, restartServer);
    } finally {
      await client.close();
    }
  },
};

/**
 * A client of version 2.
 *
 * @param mode the SDK's own word: `legacy` begins with `initialize`, `auto` asks which eras there are
 */
const versionTwo = (mode: "legacy" | "auto"): PairClient => ({
  name: `TypeScript 2.4, ${mode === "auto" ? "both eras" : "2025-11-25"}`,
  async use(env, restartServer) {
    const logged = Promise.withResolvers<string>();
    const changed = Promise.withResolvers<true>();
    const updates = new Mailbox<string>();
    const closing = new AbortController();
    const client = new Client(IDENTITY, {
      versionNegotiation: { mode },
      capabilities: CAPABILITIES,
    });
    client.setRequestHandler("elicitation/create", ANSWERS.elicitation);
    client.setRequestHandler("sampling/createMessage", ANSWERS.sampling);
    client.setRequestHandler("roots/list", ANSWERS.roots);
    client.setNotificationHandler(
      "notifications/message",
      ({ params }) => logged.resolve(String(params.data)),
    );
    client.setNotificationHandler(
      "notifications/tools/list_changed",
      () => changed.resolve(true),
    );
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => updates.put(params.uri),
    );
    const transport = new StdioClientTransport(proxyFor(env));
    await client.connect(transport);
    try {
      const protocol = client.getNegotiatedProtocolVersion()!;
      const isModern = protocol >= "2026";
      if (isModern) {
        await listen(client, closing.signal);
      } else {
        await client.setLoggingLevel("info").catch(() => {});
        await client.subscribeResource({ uri: CLOCK });
      }
      // In 2026-07-28 each request asks for its log messages.
      const meta = isModern ? { _meta: { [LOG_LEVEL]: "info" } } : {};
      return await useTools({
        protocol,
        listTools: () => client.listTools(),
        async call(name, args = {}, options) {
          const { content } = await client.callTool({ name, arguments: args, ...meta }, options);
          return textOf(content);
        },
        logged: logged.promise,
        changed: changed.promise,
        updates,
        progress: progressOf(transport),
      }, restartServer);
    } finally {
      closing.abort();
      await client.close();
    }
  },
});

/** Opens a subscription, and opens it again when it is lost, as 2026-07-28 wants of clients. */
async function listen(client: Client, closing: AbortSignal): Promise<void> {
  const { closed } = await client.listen({
    toolsListChanged: true,
    resourceSubscriptions: [CLOCK],
  });
  closed.then(async () => {
    let isLost = true;
    while (isLost && !closing.aborted) {
      await elapsed(200);
      isLost = await listen(client, closing).then(() => false, () => true);
    }
  });
}

const LOG_LEVEL = "io.modelcontextprotocol/logLevel";

const elapsed = (ms: number) =>
  new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));

/** A notification may come after the answer. */
const within = <T>(promise: Promise<T>) => Promise.race([promise, elapsed(2000)]);

/** A server of one era. */
const typeScriptServer = (era: "legacy" | "modern"): PairServer => ({
  name: `TypeScript 2.4, ${era === "legacy" ? "2025-11-25" : "2026-07-28"}`,
  start: (authorizationServer, port) => startMcpServer({ authorizationServer, era, port }),
});

/** Clients and servers of each era. */
export function typeScriptPairs(): { clients: PairClient[]; servers: PairServer[] } {
  return {
    clients: [versionOne, versionTwo("legacy"), versionTwo("auto")],
    servers: [typeScriptServer("legacy"), typeScriptServer("modern")],
  };
}
