/**
 * The least that a proxy can be: each line of stdin is POSTed with a token, each answer written to
 * stdout. Nothing is parsed, checked, renewed, repeated, ordered or logged.
 *
 *     least_proxy.mjs         with the runtime's fetch
 *     least_proxy.mjs http    with node:http
 */
import process from "node:process";
import { authorized } from "./authorized.mjs";

const post = await authorized(process.argv[2]);

async function relay(line) {
  const answer = await post(line);
  if (answer.type?.startsWith("text/event-stream")) {
    // This server's chunks are whole events.
    for await (const chunk of answer.body) {
      for (const message of new TextDecoder().decode(chunk).match(/(?<=^data: ).*/gm)) {
        write(message + "\n");
      }
    }
    return;
  }
  const text = await answer.text();
  if (text !== "") write(text + "\n");
}

let writing = Promise.resolve();
function write(text) {
  if (!globalThis.Deno) return process.stdout.write(text);
  const bytes = new TextEncoder().encode(text);
  return writing = writing.then(async () => {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  });
}

const decoder = new TextDecoder();
let parts = [];
function take(chunk) {
  const [first, ...others] = decoder.decode(chunk, { stream: true }).split("\n");
  parts.push(first);
  for (const other of others) {
    relay(parts.join(""));
    parts = [other];
  }
}

if (globalThis.Deno) { for await (const chunk of Deno.stdin.readable) take(chunk); }
else process.stdin.on("data", take);
