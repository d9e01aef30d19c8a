// Stdin to stdout and nothing between: what the runtime's pipes cost.
if (globalThis.Deno) await Deno.stdin.readable.pipeTo(Deno.stdout.writable);
else process.stdin.pipe(process.stdout); // deno-lint-ignore-line no-process-global
