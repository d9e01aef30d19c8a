import {
  acceptedContent,
  inputRequired,
  McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { History } from "./history.ts";

/** What became of a tool call inside the server. */
export interface ToolCall {
  readonly tool: string;
  /** A call starts once and ends once. */
  readonly stage: "started" | "finished" | "cancelled" | "failed";
}

/** What the tools share between the server instances that one HTTP server makes. */
export interface ToolContext {
  /** Every call of a tool, as it starts and as it ends. */
  readonly calls: History<ToolCall>;
  /** Resolves when held calls may end. */
  readonly released: Promise<void>;
  /** Tells every client that the list of tools has changed. */
  announceTools(): void;
  /** Tells every client that subscribed to a resource that it has changed. */
  announceResource(uri: string): void;
  /** Has one event for each change of a resource, whose type is the URI. */
  readonly resourceChanges: EventTarget;
}

/**
 * An MCP server of the official SDK with a tool for each thing a proxy can get wrong: plain answers,
 * progress before the answer, questions to the user and to the model, calls that take their time.
 * The same tools serve the legacy and the modern era.
 */
export function createToolServer(
  { calls, released, announceTools, announceResource, resourceChanges }: ToolContext,
): McpServer {
  const server = new McpServer({ name: "test-server", version: "1.0.0" }, {
    capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true } },
  });

  /** Registers a tool whose calls are recorded and whose result is text. */
  function tool<Shape extends z.ZodRawShape>(
    name: string,
    description: string,
    shape: Shape,
    run: (args: z.infer<z.ZodObject<Shape>>, ctx: ServerContext) => Answer | Promise<Answer>,
  ) {
    const inputSchema = z.object(shape);
    server.registerTool(name, { description, inputSchema }, async (args, ctx) => {
      let stage: ToolCall["stage"] | undefined;
      const record = (next: ToolCall["stage"]) => {
        if (stage !== undefined && stage !== "started") return;
        calls.record({ tool: name, stage: stage = next });
      };
      ctx.mcpReq.signal.addEventListener("abort", () => record("cancelled"), { once: true });
      record("started");
      try {
        const answer = await run(args as z.infer<z.ZodObject<Shape>>, ctx);
        record("finished");
        return typeof answer === "string" ? text(answer) : answer;
      } catch (error) {
        record("failed");
        throw error;
      }
    });
  }

  tool("echo", "Says what you say", { text: z.string() }, ({ text }) => text);

  tool("add", "Adds two numbers", { a: z.number(), b: z.number() }, ({ a, b }) => `${a + b}`);

  tool("whoami", "Says which client the token names", {}, (_args, ctx) => {
    const { clientId, scopes } = ctx.http!.authInfo!;
    return JSON.stringify({ clientId, scopes });
  });

  tool(
    "countdown",
    "Reports progress down from a number; may hold its answer until the test says so",
    {
      from: z.number().int(),
      hold: z.boolean().optional(),
    },
    async ({ from, hold }, ctx) => {
      for (let progress = 1; progress <= from; progress++) {
        await reportProgress(ctx, progress, from);
      }
      if (hold) await released;
      return "Liftoff";
    },
  );

  tool("ask_name", "Asks the user for a name", {}, (_args, ctx) => {
    const requestedSchema = z.object({ name: z.string() });
    const answer = acceptedContent(ctx.mcpReq.inputResponses, "name", requestedSchema);
    if (answer) return `Hello, ${answer.name}`;
    if (ctx.mcpReq.inputResponses) return "Hello, stranger";
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({ message: "What is your name?", requestedSchema }),
      },
    });
  });

  tool(
    "summarize",
    "Has the client's model sum up a text",
    { text: z.string() },
    ({ text }, ctx) => {
      const answer = ctx.mcpReq.inputResponses?.summary as
        | { content: { text: string } }
        | undefined;
      if (answer) return `In short: ${answer.content.text}`;
      const content = { type: "text" as const, text: `Sum up: ${text}` };
      return inputRequired({
        inputRequests: {
          summary: inputRequired.createMessage({
            messages: [{ role: "user", content }],
            maxTokens: 100,
          }),
        },
      });
    },
  );

  tool("roots", "Asks for the client's roots", {}, (_args, ctx) => {
    const answer = ctx.mcpReq.inputResponses?.roots as { roots: { uri: string }[] } | undefined;
    if (answer) return answer.roots.map(({ uri }) => uri).join(" ");
    return inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
  });

  tool("log", "Sends a log message", {}, async (_args, ctx) => {
    await ctx.mcpReq.log("warning", "a message");
    return "logged";
  });

  tool("change_tools", "Says that the list of tools has changed", {}, () => {
    announceTools();
    return "changed";
  });

  tool("change_resource", "Says that a resource has changed", {}, () => {
    announceResource(CLOCK);
    return "changed";
  });

  tool("cancelled", "Says how many calls were cancelled", {}, () => {
    return `${calls.count(({ stage }) => stage === "cancelled")}`;
  });

  tool("slow", "Waits for some milliseconds, or until the test says so", {
    ms: z.number().optional(),
  }, async ({ ms }, { mcpReq: { signal } }) => {
    await Promise.race([ms === undefined ? released : elapsed(ms, signal), aborted(signal)]);
    return signal.aborted ? "cancelled" : "done";
  });

  tool(
    "interrupted",
    "Cuts its own stream before it answers; needs `resumable`",
    {},
    (_args, ctx) => {
      ctx.http!.closeSSE!();
      return "resumed";
    },
  );

  server.registerResource(
    "welcome",
    "note://welcome",
    { mimeType: "text/plain" },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/plain", text: "Welcome" }] }),
  );

  server.registerResource(
    "clock",
    CLOCK,
    { mimeType: "text/plain" },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/plain", text: "noon" }] }),
  );
  // For the legacy era; the SDK itself answers `subscriptions/listen`.
  const tell = ({ type: uri }: { type: string }) =>
    void server.server.sendResourceUpdated({ uri }).catch(() => {});
  server.server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
    resourceChanges.addEventListener(uri, tell);
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    resourceChanges.removeEventListener(uri, tell);
    return {};
  });

  server.registerPrompt(
    "greet",
    { description: "A greeting", argsSchema: z.object({ name: z.string() }) },
    ({ name }) => ({
      messages: [{ role: "user", content: { type: "text", text: `Greet ${name}` } }],
    }),
  );

  return server;
}

/** The resource that `change_resource` changes. */
const CLOCK = "note://clock";

type Answer = string | ReturnType<typeof text> | ReturnType<typeof inputRequired>;

function text(text: string) {
  return { content: [{ type: "text" as const, text }] };
}

async function reportProgress({ mcpReq }: ServerContext, progress: number, total: number) {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  const message = `T-${total - progress}`;
  await mcpReq.notify({
    method: "notifications/progress",
    params: { progressToken, progress, total, message },
  });
}

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
