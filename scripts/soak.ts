/**
 * Hours of little to do: `deno task soak [--minutes N]`. Streams and calls are silent for longer
 * than the six minutes after which HTTP stacks like to give up, on the real clock, beside ordinary
 * calls and tokens that expire; nothing may break, and the memory may not grow.
 *
 * The program under test is the sources under Deno, or what `MCP_PROXY_COMMAND` names.
 */

import { parseArgs } from "@std/cli/parse-args";
import { elapsed } from "../tests/chaos/trouble.ts";
import { residentMegabytes } from "../tests/parts/memory_of.ts";
import { modern, modernCall } from "../tests/parts/modern_messages.ts";
import { type Proxy, startProxy } from "../tests/parts/proxy.ts";
import { proxyCommand } from "../tests/parts/proxy_command.ts";
import { event, type OpenBody, openBody, reply, token } from "../tests/parts/scripted_answers.ts";
import { accepted, initializeResult } from "../tests/parts/scripted_answers.ts";
import {
  call,
  handshake,
  initialize,
  notification,
  result,
} from "../tests/parts/scripted_proxy.ts";
import { type Script, startScriptedServer } from "../tests/parts/scripted_server.ts";

const MINUTE = 60_000;
/** Milliseconds of silence. */
const SILENCE = 6.5 * MINUTE;
/** Milliseconds in which an answer has to come once it has been given. */
const PROMPT = 10_000;
/** Seconds that tokens live. */
const TOKEN_LIFETIME = 60;
/** Id of the subscription. */
const SUBSCRIPTION = "subscription";
/** Minutes after which a process has its size, and megabytes that it may have more at the end. */
const SETTLED = 4;
const GROWTH = 40;

const options = parseArgs(Deno.args, { string: ["minutes"] });
const minutes = Number(options.minutes ?? 60);
const start = Date.now();
const until = start + minutes * MINUTE;
const counts = new Map<string, number>();
const faults: string[] = [];

say(`${minutes} minutes of ${proxyCommand().join(" ")}`);

/** Streams that the servers have open, by what they are for. */
const streams = new Map<string, OpenBody>();

function open(name: string, first = ""): Response {
  const body = openBody();
  body.send(first);
  streams.set(name, body);
  return body.response;
}

const script: Script = {
  token: () => token({ expires_in: TOKEN_LIFETIME }),
  GET: () => open("GET"),
  "subscriptions/listen": () => open("listen"),
  async "tools/call"(request) {
    const { name } = request.message.params;
    if (name === "late answer") await elapsed(SILENCE);
    return name === "silent stream" ? open(name) : reply(request, {});
  },
};

const httpSseScript: Script = {
  token: script.token,
  initialize: () => new Response(null, { status: 405 }),
  GET: () => open("HTTP+SSE", "event: endpoint\ndata: /messages\n\n"),
  "/messages"(request) {
    const { id } = request.message;
    const answer = result(id, initializeResult(request, "2024-11-05"));
    if (id !== undefined) streams.get("HTTP+SSE")!.send(event(answer));
    return accepted();
  },
};

const lifetime = { timeoutMs: minutes * MINUTE + 5 * MINUTE };
const server = await startScriptedServer(script);
const busy = startProxy({ env: { ...server.env }, ...lifetime });
const idle = startProxy({ env: { ...server.env }, ...lifetime });
await handshake({ proxy: busy, server });

const httpSseServer = await startScriptedServer(httpSseScript);
const httpSse = startProxy({ env: { ...httpSseServer.env }, ...lifetime });
await httpSse.send(initialize("2024-11-05"));
await httpSse.response("initialize");
await httpSse.send(notification("notifications/initialized"));

const proxies = { busy, idle, "HTTP+SSE": httpSse };
const memory: Record<string, number[]> = {};

await busy.send(modern(SUBSCRIPTION, "subscriptions/listen"));
await Promise.all([
  rounds("calls", 5_000, async (id) => {
    await busy.send(id.endsWith("0") ? modernCall(id) : call(id));
    await prompt(busy.response(id));
  }),
  rounds("answers that are late by six minutes", 0, async (id) => {
    await busy.send(call(id, "late answer"));
    await busy.response(id);
  }, SILENCE),
  rounds("streams that are silent before the answer", 0, async (id) => {
    await busy.send(call(id, "silent stream"));
    await elapsed(SILENCE);
    streams.get("silent stream")!.send(event(result(id)));
    await prompt(busy.response(id));
    streams.get("silent stream")!.end();
  }, SILENCE),
  rounds("messages on a GET stream that was silent", SILENCE, (id) => hears(busy, "GET", id)),
  rounds("messages of a silent subscription", SILENCE, (id) => hears(busy, "listen", id)),
  rounds(
    "messages on a silent stream of HTTP+SSE",
    SILENCE,
    (id) => hears(httpSse, "HTTP+SSE", id),
  ),
  rounds("calls after nothing at all", SILENCE, async (id) => {
    await idle.send(call(id));
    await prompt(idle.response(id));
  }),
  rounds("looks at the memory", MINUTE, () => {
    for (const [name, { pid }] of Object.entries(proxies)) {
      (memory[name] ??= []).push(residentMegabytes(pid));
    }
    say(Object.entries(memory).map(([name, sizes]) => `${name} ${sizes.at(-1)} MB`).join(", "));
    return Promise.resolve();
  }),
]);

for (const [name, proxy] of Object.entries(proxies)) {
  await proxy.closeStdin();
  const { code } = await proxy.status;
  if (code !== 0) faults.push(`${name}: ended with ${code}`);
  const growth = (memory[name]?.at(-1) ?? 0) - (memory[name]?.[SETTLED] ?? Infinity);
  if (growth > GROWTH) faults.push(`${name}: ${growth} MB more than after ${SETTLED} minutes`);
  // The subscription is ended by the end of stdin, and that is its answer.
  const wrong = proxy.lines.filter(({ message }) =>
    !message || message.error && message.id !== SUBSCRIPTION
  );
  for (const { text } of wrong) faults.push(`${name}: ${text}`);
  say(`${name}: ${memory[name]?.join(" ")} MB`);
}
await server.close();
await httpSseServer.close();
for (const [name, count] of counts) say(`${count} ${name}`);
for (const fault of faults) say(`FAULT  ${fault}`);
if (faults.length > 0) say(`The log:\n${busy.stderr}${idle.stderr}${httpSse.stderr}`);
say(faults.length > 0 ? `${faults.length} faults` : "No fault");
Deno.exit(faults.length > 0 ? 1 : 0);

/**
 * Does something again and again while there is time for it.
 *
 * @param pause milliseconds before each round
 * @param round is given an id of its own
 * @param needed milliseconds that a round takes
 */
async function rounds(
  name: string,
  pause: number,
  round: (id: string) => Promise<void>,
  needed = 0,
): Promise<void> {
  for (let number = 1; Date.now() + pause + needed < until; number++) {
    await elapsed(pause);
    try {
      await round(`${name} ${number}`);
      counts.set(name, number);
    } catch (error) {
      faults.push(`${name}, round ${number}: ${(error as Error).message}`);
      return;
    }
  }
}

/** A message that the server sends on a stream comes out. */
async function hears(proxy: Proxy, stream: string, data: string): Promise<void> {
  streams.get(stream)!.send(event(notification("notifications/message", { data })));
  await prompt(proxy.next(({ message }) => message.params?.data === data));
}

function prompt(line: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${PROMPT / 1_000} s`)), PROMPT);
  });
  return Promise.race([line, late]).then(() => clearTimeout(timer));
}

function say(text: string): void {
  console.log(`${String(Math.round((Date.now() - start) / 1_000)).padStart(5)} s  ${text}`);
}
