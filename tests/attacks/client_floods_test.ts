import { assert } from "@std/assert";
import { accepted } from "../parts/scripted_answers.ts";
import { residentMegabytes } from "../parts/memory_of.ts";
import { type Scripted, withProxy } from "../parts/scripted_proxy.ts";

// A client that writes more than the server takes is slowed down; its messages do not fill the memory.

/** Megabytes that the process may grow by. Some are garbage that is not collected yet. */
const GROWTH = 250;

/** Writes lines for some seconds, or until all are written, and gives the growth of the process. */
async function growth({ proxy }: Scripted, line: (n: number) => string): Promise<number> {
  const before = residentMegabytes(proxy.pid);
  let most = before;
  const watch = setInterval(() => most = Math.max(most, residentMegabytes(proxy.pid)), 50);
  const end = Date.now() + 5_000;
  const late = new Promise((resolve) => setTimeout(resolve, 5_000));
  for (let n = 0; n < 300 && Date.now() < end; n++) {
    // A megabyte at a time; a write that waits is what slows the client down.
    const lines = Array.from({ length: 100 }, (_, i) => line(100 * n + i)).join("\n");
    await Promise.race([proxy.send(lines), late]);
  }
  clearInterval(watch);
  return most - before;
}

const padding = "x".repeat(10_000);
const FLOODS: Record<string, (n: number) => string> = {
  notifications: () => `{"jsonrpc":"2.0","method":"notifications/x","params":{"a":"${padding}"}}`,
  responses: (n) => `{"jsonrpc":"2.0","id":${n},"result":{"a":"${padding}"}}`,
  requests: (n) => `{"jsonrpc":"2.0","id":${n},"method":"tools/call","params":{"a":"${padding}"}}`,
  cancellations: (n) =>
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${n},"reason":"${padding}"}}`,
};

for (const [what, line] of Object.entries(FLOODS)) {
  Deno.test(`A client sends 300 MB to a slow server: memory is bounded, and the client has to wait (${what})`, () => {
    const closing = new AbortController();
    const slow = async () => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 2_000);
        closing.signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
      return accepted();
    };
    const script = {
      "notifications/x": slow,
      "notifications/cancelled": slow,
      response: slow,
      "tools/call": slow,
    };
    return withProxy(script, async (scripted) => {
      const grown = await growth(scripted, line);
      assert(grown < GROWTH, `${grown} MB`);
      closing.abort();
    });
  });
}
