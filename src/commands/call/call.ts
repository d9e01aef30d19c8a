import { withMeta } from "../client/metadata.ts";
import { oneShot } from "../client/one_shot.ts";
import { objectIn } from "../../json/value.ts";
import { METHOD } from "../../mcp/methods.ts";
import type { Invocation } from "../command.ts";

/**
 * `call <method|tool> [arguments]`: sends one request and prints its result. `ping` and names with a
 * slash are methods; every other name is a tool.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { operands: [name, text = "{}"], runtime } = invocation;
  if (objectIn(text) === undefined) {
    runtime.writeStderr(`[Error] the arguments must be a JSON object, such as '{"a": 1}'\n`);
    return 2;
  }
  const isMethod = name.includes("/") || name === METHOD.ping;
  const [method, params] = isMethod
    ? [name, text]
    : [METHOD.callTool, `{"name":${JSON.stringify(name)},"arguments":${text}}`];
  return await oneShot(invocation, async (client, showsProgress) => {
    const asked = showsProgress ? withMeta(params, { progressToken: 1 }) : params;
    const json = await client.request(method, asked);
    const { isError, resultType } = JSON.parse(json);
    // This command cannot answer a result that asks for more input.
    return { json, failed: isError === true || resultType === "input_required" };
  });
}
