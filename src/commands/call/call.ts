import { oneShot } from "../client/one_shot.ts";
import { METHOD } from "../../mcp/methods.ts";
import type { Invocation } from "../command.ts";

/**
 * `call <method|tool> [arguments]`: sends one request and prints its result. A name with a slash is
 * a method, as all of MCP's are but `ping`; any other is a tool.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { operands: [name, text = "{}"], runtime } = invocation;
  if (!isObject(text)) {
    runtime.writeStderr(`[Error] the arguments must be a JSON object, such as '{"a": 1}'\n`);
    return 2;
  }
  const isMethod = name.includes("/") || name === METHOD.ping;
  const [method, params] = isMethod
    ? [name, text]
    : [METHOD.callTool, `{"name":${JSON.stringify(name)},"arguments":${text}}`];
  return await oneShot(invocation, async (client) => {
    const json = await client.request(method, params);
    const { isError, resultType } = JSON.parse(json);
    // A result that asks for more input is none yet, and here is nobody to ask.
    return { json, failed: isError === true || resultType === "input_required" };
  });
}

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
