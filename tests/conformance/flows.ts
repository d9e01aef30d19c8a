/** What the test client does in a scenario, once the proxy runs. */

import { modernSession, type Session } from "./session.ts";
import { type Handlers, type Json, RpcError, type StdioClient } from "./stdio_client.ts";

/** What a flow has to work with. */
export interface Stage {
  /** The proxy's process. */
  readonly client: StdioClient;
  /** Opens a session of the era that the run is about. */
  open(): Promise<Session>;
  /** The suite's `MCP_CONFORMANCE_CONTEXT`. */
  readonly context: Json;
}

interface Tool {
  readonly name: string;
  readonly inputSchema: Json;
}

async function tools(session: Session): Promise<Tool[]> {
  return (await session.call("tools/list")).tools as Tool[];
}

function callTool(session: Session, name: string, args: Json = {}, more: Json = {}): Promise<Json> {
  return session.call("tools/call", { name, arguments: args, ...more });
}

/** Calls each tool, reads each resource and gets each prompt. */
async function useAll(session: Session): Promise<void> {
  for (const tool of await tools(session)) await callTool(session, tool.name);
  const { resources } = await session.call("resources/list");
  for (const { uri } of resources as { uri: string }[]) {
    await session.call("resources/read", { uri });
  }
  const { prompts } = await session.call("prompts/list");
  for (const { name } of prompts as { name: string }[]) {
    await session.call("prompts/get", { name });
  }
}

/** Goes through an elicitation that comes as a result; gives the answer to it. */
async function afterInput(session: Session, name: string, between?: () => Promise<unknown>) {
  const first = await callTool(session, name);
  if (first.resultType !== "input_required") throw new Error(`${name} did not ask for input`);
  await between?.();
  const inputResponses = Object.fromEntries(
    Object.keys(first.inputRequests as Json).map((key) => [
      key,
      { action: "accept", content: { confirmed: true } },
    ]),
  );
  const state = "requestState" in first ? { requestState: first.requestState } : {};
  return callTool(session, name, {}, { inputResponses, ...state });
}

/** Flows by the name that a scenario gives. A flow fails where a request is not answered well. */
export const flows: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  /** Lists the tools and calls the first one. */
  async session({ open }) {
    const session = await open();
    const [tool] = await tools(session);
    if (tool) await callTool(session, tool.name, { a: 2, b: 3 });
  },

  /** Only lists the tools. */
  async listTools({ open }) {
    await tools(await open());
  },

  /** Calls whatever the list offers. */
  async everyTool({ open }) {
    const session = await open();
    for (const tool of await tools(session)) await callTool(session, tool.name, { region: "eu" });
  },

  /** Makes the tool calls that the suite names, after listing the tools. */
  async givenToolCalls({ open, context }) {
    const session = await open();
    await tools(session);
    for (const call of context.toolCalls as { name: string; arguments: Json }[]) {
      await callTool(session, call.name, call.arguments);
    }
  },

  /** Uses tools, resources and prompts. */
  async everything({ open }) {
    const session = await open();
    await session.call("server/discover");
    await useAll(session);
  },

  /** Has its version refused once, and goes on with one that the server names. */
  async versionNegotiation({ client }) {
    const refusal = await modernSession(client).call("server/discover").catch((error) => error);
    if (!(refusal instanceof RpcError)) throw new Error("the first request was not refused");
    const { supported } = refusal.data as { supported: string[] };
    const session = modernSession(client, supported[0]);
    await session.call("server/discover");
    await tools(session);
  },

  /** Calls the tools that ask for input; their questions come as requests. */
  async askingTools({ open }) {
    const session = await open();
    await tools(session);
    await Promise.all([
      callTool(session, "test_mrtr_echo_state"),
      callTool(session, "test_mrtr_unrelated"),
    ]);
    await callTool(session, "test_mrtr_no_state");
    await callTool(session, "test_mrtr_no_result_type");
  },

  /** Uses tools, resources and prompts, of what clients of 2025-11-25 know. */
  async everythingLegacy(stage) {
    await useAll(await stage.open());
  },

  /** Answers elicitations that come as results, and calls other tools between. */
  async inputRequired({ open }) {
    const session = await open();
    await tools(session);
    await afterInput(
      session,
      "test_mrtr_echo_state",
      () => callTool(session, "test_mrtr_unrelated"),
    );
    await afterInput(session, "test_mrtr_no_state");
    await callTool(session, "test_mrtr_no_result_type");
  },

  /** Sends a tool's schema back as it came. */
  async schemaEcho({ open }) {
    const session = await open();
    const tool = (await tools(session)).find(({ name }) => name === "json_schema_2020_12_tool");
    if (!tool) throw new Error("the tool with the schema is not in the list");
    await callTool(session, "json_schema_echo", { schema: tool.inputSchema });
  },
};

/** The client's answers to server requests. */
export const handlers: Handlers = {
  /** Accepts an elicitation with the defaults of its schema (SEP-1034). */
  "elicitation/create"(params) {
    const { properties } = params.requestedSchema as { properties: Record<string, Json> };
    const content = Object.fromEntries(
      Object.entries(properties)
        .filter(([, schema]) => "default" in schema)
        .map(([name, schema]) => [name, schema.default]),
    );
    return { action: "accept", content };
  },
};
