import { Client, type Transport } from "@modelcontextprotocol/client";

/**
 * Connects the official SDK client and makes it able to answer for a user called Ada, and for a
 * model that sums up any text in one word.
 *
 * @param transport to the server, or to the proxy in front of it
 * @param clientOptions of the SDK, such as `versionNegotiation`
 */
export async function connectOfficialClient(
  transport: Transport,
  clientOptions: ConstructorParameters<typeof Client>[1] = {},
): Promise<Client> {
  const client = new Client({ name: "test-client", version: "1.0.0" }, {
    ...clientOptions,
    capabilities: { elicitation: { form: {} }, sampling: {} },
  });
  client.setRequestHandler("elicitation/create", () => ({
    action: "accept" as const,
    content: { name: "Ada" },
  }));
  client.setRequestHandler("sampling/createMessage", () => ({
    role: "assistant" as const,
    model: "test-model",
    content: { type: "text" as const, text: "words" },
  }));
  await client.connect(transport);
  return client;
}

/** The text of a tool's result. */
export async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
  options?: Parameters<Client["callTool"]>[1],
): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args }, options);
  const [first] = content;
  if (first?.type !== "text") throw new Error(`No text in ${JSON.stringify(content)}`);
  return first.text;
}
