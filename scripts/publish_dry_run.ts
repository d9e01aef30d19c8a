/**
 * Checks what would be published to JSR: `deno task publish:dry-run`. A registry on loopback serves the
 * stand-ins of links/ in place of JSR, so that it works without JSR.
 *
 * @module
 */
import { startJsrRegistry } from "../tests/parts/jsr_registry.ts";

const registry = await startJsrRegistry();
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "scripts/publish.ts", "--dry-run"],
  env: { JSR_URL: registry.url },
}).spawn().status;
Deno.exit(code);
