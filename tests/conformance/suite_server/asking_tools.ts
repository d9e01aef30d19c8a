/**
 * Tools, and one prompt, of the suite's kind of server that ask the client for something. They say so
 * in their result (2026-07-28); towards older clients the SDK makes server requests of that.
 */

import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { text } from "./plain_tools.ts";

// deno-lint-ignore no-explicit-any -- what clients send is theirs
type Answers = Record<string, any>;
type Asked = ReturnType<typeof inputRequired>;
type Run = (
  answers: Answers,
  ctx: ServerContext,
  // deno-lint-ignore no-explicit-any -- arguments differ for each tool
  args: any,
) => Promise<string | Asked> | string | Asked;
type FormSchema = Parameters<typeof inputRequired.elicit>[0]["requestedSchema"];

/** Signs what a tool remembers between its rounds, for every server instance of this process. */
export const stateCodec: RequestStateCodec = createRequestStateCodec({
  key: crypto.getRandomValues(new Uint8Array(32)),
});

function ask(message: string, properties: Record<string, unknown>, required: string[] = []) {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties, required } as FormSchema,
  });
}

function askText(message: string, name: string) {
  return ask(message, { [name]: { type: "string" } }, [name]);
}

function sample(prompt: string, maxTokens: number) {
  const content = { type: "text" as const, text: prompt };
  return inputRequired.createMessage({ messages: [{ role: "user", content }], maxTokens });
}

/** What the client of a 2026-07-28 request says it can do. */
function declaredCapabilities({ envelope }: ServerContext["mcpReq"]): ClientCapabilities {
  const fields: Record<string, unknown> = { ...envelope };
  return fields[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined ?? {};
}

const confirm = ask("Please confirm", { ok: { type: "boolean" } }, ["ok"]);

/** Form fields with a default for each primitive type (SEP-1034). */
const defaults = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const titled = (word: string) =>
  [1, 2, 3].map((n) => ({ const: `value${n}`, title: `${word} ${n}` }));
const options = ["option1", "option2", "option3"];

/** Form fields of each kind of choice (SEP-1330). */
const choices = {
  untitledSingle: { type: "string", enum: options },
  titledSingle: { type: "string", oneOf: titled("Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: {
    type: "array",
    minItems: 1,
    maxItems: 3,
    items: { type: "string", enum: options },
  },
  titledMulti: { type: "array", minItems: 1, maxItems: 3, items: { anyOf: titled("Choice") } },
};

const tools: Readonly<Record<string, Run>> = {
  test_sampling: ({ sample: answer }, _ctx, { prompt }) =>
    answer
      ? `LLM response: ${answer.content?.text}`
      : inputRequired({ inputRequests: { sample: sample(prompt, 100) } }),
  // The SDK refuses to ask who did not declare that they can answer.
  test_missing_capability: ({ sample: answer }) =>
    answer ? "Success" : inputRequired({ inputRequests: { sample: sample("Anything", 50) } }),
  test_elicitation: form((args) => askText(args.message, "response"), "User response"),
  test_elicitation_sep1034_defaults: form(() => ask("Please review", defaults)),
  test_elicitation_sep1330_enums: form(() => ask("Please select", choices)),

  test_input_required_result_elicitation: ({ user_name }) => {
    const name = user_name?.content?.name;
    return name
      ? `Hello, ${name}!`
      : inputRequired({ inputRequests: { user_name: askText("What is your name?", "name") } });
  },
  test_input_required_result_sampling: ({ capital_question }) =>
    capital_question ? `Sampling result: ${capital_question.content?.text}` : inputRequired({
      inputRequests: { capital_question: sample("What is the capital of France?", 100) },
    }),
  test_input_required_result_list_roots: ({ client_roots }) =>
    client_roots
      ? `Found roots: ${JSON.stringify(client_roots.roots)}`
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
  test_input_required_result_request_state: stateful((answers) =>
    answers.confirm ? "state-ok" : { confirm }
  ),
  test_input_required_result_tampered_state: stateful((answers) =>
    answers.confirm ? "integrity-ok" : { confirm }
  ),
  test_input_required_result_multiple_inputs: stateful(({ user_name, greeting, client_roots }) =>
    user_name && greeting && client_roots
      ? `${user_name.content?.name}, ${greeting.content?.text}, ${client_roots.roots?.length}`
      : {
        user_name: askText("What is your name?", "name"),
        greeting: sample("Generate a greeting", 50),
        client_roots: inputRequired.listRoots(),
      }
  ),
  test_input_required_result_multi_round: async ({ step1, step2 }, { mcpReq }) => {
    const state = mcpReq.requestState<{ name?: string }>();
    if (state?.name && step2) return `${state.name} likes ${step2.content?.color}`;
    if (state && step1) {
      return inputRequired({
        inputRequests: { step2: askText("Step 2: What is your favorite color?", "color") },
        requestState: await stateCodec.mint({ name: step1.content?.name }),
      });
    }
    return inputRequired({
      inputRequests: { step1: askText("Step 1: What is your name?", "name") },
      requestState: await stateCodec.mint({}),
    });
  },
  test_input_required_result_capabilities: async (answers, { mcpReq }) => {
    if (Object.keys(answers).length > 0) return `received ${Object.keys(answers)}`;
    const declared = declaredCapabilities(mcpReq);
    const inputRequests = {
      ...(declared.elicitation && { form: askText("A value, please", "value") }),
      ...(declared.sampling && { sample: sample("Anything", 50) }),
    };
    if (Object.keys(inputRequests).length === 0) return "No supported capabilities declared";
    return inputRequired({ inputRequests, requestState: await stateCodec.mint({}) });
  },
};

// deno-lint-ignore no-explicit-any -- arguments differ for each tool
function form(question: (args: any) => ReturnType<typeof ask>, label = "Elicitation completed") {
  const run: Run = ({ form }, _ctx, args) =>
    form
      ? `${label}: action=${form.action}, content=${JSON.stringify(form.content ?? {})}`
      : inputRequired({ inputRequests: { form: question(args) } });
  return run;
}

/** A tool that gives its answer only where its own state comes back with the answers. */
function stateful(
  run: (answers: Answers) => string | Parameters<typeof inputRequired>[0]["inputRequests"],
) {
  const wrapped: Run = async (answers, { mcpReq }) => {
    const outcome = run(mcpReq.requestState() === undefined ? {} : answers);
    if (typeof outcome === "string") return outcome;
    return inputRequired({
      inputRequests: outcome,
      requestState: await stateCodec.mint({ nonce: crypto.randomUUID() }),
    });
  };
  return wrapped;
}

/** Registers them. */
export function addAskingTools(server: McpServer): void {
  const inputSchema = fromJsonSchema({
    type: "object",
    properties: { prompt: { type: "string" }, message: { type: "string" } },
  });
  for (const [name, run] of Object.entries(tools)) {
    const description = name.replaceAll("_", " ");
    server.registerTool(name, { description, inputSchema }, async (args, ctx) => {
      const outcome = await run(ctx.mcpReq.inputResponses ?? {}, ctx, args);
      if (typeof outcome !== "string") return outcome;
      return { content: text(outcome) } satisfies CallToolResult;
    });
  }
  server.registerPrompt(
    "test_input_required_result_prompt",
    { description: "A prompt that needs something from the user" },
    ({ mcpReq }) => {
      const { user_context } = (mcpReq.inputResponses ?? {}) as Answers;
      if (!user_context) {
        return inputRequired({
          inputRequests: { user_context: askText("What context should it use?", "context") },
        });
      }
      const content = { type: "text" as const, text: `With ${user_context.content?.context}` };
      return { messages: [{ role: "user" as const, content }] };
    },
  );
}
