/**
 * The command under Deno: `deno run -A jsr:@mcp-oauth-proxy/proxy/cli`.
 *
 * @module
 */
import { main } from "./src/main.ts";
import { denoRuntime } from "./src/runtime/deno/runtime.ts";

Deno.exit(await main(denoRuntime));
