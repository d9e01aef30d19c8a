import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";
import { readLines } from "../parts/read_lines.ts";
import { _meta } from "../parts/modern_messages.ts";
import { between, type Random, randomFor } from "./random.ts";
import type { Eras } from "./server.ts";

/** A request, and what became of it. */
export interface Asked {
  readonly id: number | string;
  readonly method: string;
  /** What a tools/call is to do, once. */
  readonly key: string;
  cancelled: boolean;
  /** Every answer to it; there should be one. */
  readonly answers: Answer[];
}

/** A JSON-RPC response. */
export interface Answer {
  readonly result?: { readonly key?: string };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: ErrorData };
}

/** `data` of the proxy's own errors. */
export interface ErrorData {
  readonly source?: string;
  readonly reason?: string;
  readonly status?: number;
  readonly mayHaveRun?: boolean;
}

/** A client that asks for much at once. */
export interface ChaosClient {
  readonly pid: number;
  readonly asked: ReadonlyMap<string, Asked>;
  /** What came out that should not have. */
  readonly strange: readonly string[];
  /** Messages of the server's own that came out. */
  readonly heard: number;
  /** Requests without an answer, cancelled ones left out. */
  readonly open: number;
  /** What the proxy logged. */
  readonly log: readonly string[];
  /** Begins a session; resolves when the server has it. */
  initialize(): Promise<void>;
  /** Sends requests until so many are open. */
  fill(open: number): Promise<void>;
  /** Resolves when an answer has come. */
  answered(): Promise<void>;
  /** Closes stdin; resolves with the exit code. */
  close(): Promise<number>;
  /** Resolves with the exit code when the proxy has ended. */
  readonly end: Promise<number>;
  kill(): void;
}

/** Starts the proxy and speaks to it; what is asked follows from the seed. */
export function startChaosClient(
  seed: number,
  env: Record<string, string>,
  eras: Eras,
): ChaosClient {
  const [command, ...args] = proxyCommand();
  const child = new Deno.Command(command, {
    args,
    env: proxyEnvironment(env),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  /** By key. */
  const asked = new Map<string, Asked>();
  /** What still may be answered, by the id of its latest request. */
  const sent = new Map<string, Sent>();
  const strange: string[] = [];
  const log: string[] = [];
  const encoder = new TextEncoder();
  let open = 0;
  let heard = 0;
  let number = 0;
  let wake = () => {};

  const end = Promise.all([
    child.status,
    readLines(child.stdout, take),
    readLines(child.stderr, (line) => log.push(line)),
  ]).then(([{ code }]) => code);

  function take(line: string): void {
    const message = parse(line);
    if (message?.jsonrpc !== "2.0") return void strange.push(line);
    if (message.method === "notifications/progress") return takeProgress(message);
    if (message.method && message.id !== undefined) return answer(message.id);
    if (message.method) return void heard++;
    const found = sent.get(JSON.stringify(message.id));
    if (!found) return void strange.push(line);
    const { request } = found;
    if (message.result?.resultType === "input_required") return answerInput(message, found);
    request.answers.push(message);
    if (request.answers.length === 1 && !request.cancelled) open--;
    wake();
  }

  /** Answers a question of the server. */
  function answer(id: unknown): void {
    const result = { action: "accept", content: {} };
    send([{ jsonrpc: "2.0", id, result }]);
  }

  /** Sends a request of 2026-07-28 again, with what its answer asks for. */
  function answerInput({ id, result }: AnyMessage, { request, params }: Sent): void {
    sent.delete(JSON.stringify(id));
    const { inputRequests, requestState } = result;
    const inputResponses = Object.fromEntries(
      Object.keys(inputRequests).map((key) => [key, { action: "accept", content: {} }]),
    );
    const again = `${id} again`;
    const more = { ...params as object, inputResponses, requestState };
    sent.set(JSON.stringify(again), { request, params });
    send([{ jsonrpc: "2.0", id: again, method: request.method, params: more }]);
    if (request.cancelled) send([notification(CANCELLED, { requestId: again })]);
  }

  function takeProgress({ params }: { params: { progressToken: string } }): void {
    const request = asked.get(params.progressToken);
    // What was sent again may be at work twice; and behind an error, the server may be at work yet.
    const isLate = request?.method === "tools/call" && request.answers[0]?.result;
    if (request && !isLate) heard++;
    else strange.push(`progress behind its answer: ${params.progressToken}`);
  }

  /** A request of one era or the other, most of them calls of a tool. */
  function next(): unknown[] {
    const random: Random = randomFor(seed, `request ${++number}`);
    const id = random() < 0.5 ? number : `r${number}`;
    const key = JSON.stringify(id);
    const method = random() < 0.8 ? "tools/call" : READS[between(0, READS.length - 1, random)];
    const isModern = random() < 0.3 && eras === "both" || eras === "modern";
    const era = isModern ? { _meta: META } : {};
    const params = { name: "deed", uri: "x:y", arguments: { key }, ...era };
    const request: Asked = { id, method, key, cancelled: random() < 0.05, answers: [] };
    asked.set(key, request);
    sent.set(key, { request, params });
    const messages: unknown[] = [{ jsonrpc: "2.0", id, method, params }];
    if (random() < 0.03) messages.push(notification("notifications/progress", { n: number }));
    if (request.cancelled) messages.push(notification(CANCELLED, { requestId: id }));
    else open++;
    return messages;
  }

  const send = (messages: readonly unknown[]) =>
    stdin.write(encoder.encode(messages.map((message) => JSON.stringify(message) + "\n").join("")));

  function answered(): Promise<void> {
    return new Promise((resolve) => wake = resolve);
  }

  return {
    pid: child.pid,
    asked,
    strange,
    log,
    get open() {
      return open;
    },
    get heard() {
      return heard;
    },
    answered,
    async initialize() {
      if (eras === "modern") return;
      for (let attempt = 0;; attempt++) {
        const id = `initialize ${attempt}`;
        const request: Asked = { id, method: "initialize", key: id, cancelled: false, answers: [] };
        asked.set(JSON.stringify(id), request);
        sent.set(JSON.stringify(id), { request, params: {} });
        open++;
        const params = {
          protocolVersion: "2025-11-25",
          capabilities: { elicitation: {} },
          clientInfo: { name: "chaos", version: "1" },
        };
        await send([{ jsonrpc: "2.0", id, method: "initialize", params }]);
        while (request.answers.length === 0) await answered();
        if (request.answers[0].result) break;
      }
      await send([notification("notifications/initialized", {})]);
    },
    async fill(target) {
      const messages: unknown[] = [];
      while (open < target) messages.push(...next());
      await send(messages);
    },
    async close() {
      await stdin.close();
      return await end;
    },
    end,
    kill: () => child.kill("SIGKILL"),
  };
}

interface Sent {
  readonly request: Asked;
  readonly params: unknown;
}

// deno-lint-ignore no-explicit-any -- the server's, and known
type AnyMessage = any;

/** The metadata of a client that can answer questions. */
const META = { ..._meta, "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };

/** Requests that change nothing. */
const READS = ["tools/list", "resources/read", "prompts/list", "ping"];
const CANCELLED = "notifications/cancelled";

function notification(method: string, params: unknown) {
  return { jsonrpc: "2.0", method, params };
}

function parse(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
