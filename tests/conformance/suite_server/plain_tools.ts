/** Tools of the suite's kind of server that answer by themselves. */

import {
  type CallToolResult,
  fromJsonSchema,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { PNG, WAV } from "./media.ts";

/** Tells clients of a change, on whatever stream they listen to. */
export interface Announcements {
  /** `notifications/tools/list_changed`. */
  tools(): void;
  /** `notifications/prompts/list_changed`. */
  prompts(): void;
}

type Content = CallToolResult["content"];
type Run = (ctx: ServerContext, args: unknown) => Content | Promise<Content>;

/** Content that is one text. */
export function text(text: string): Content {
  return [{ type: "text", text }];
}

/** A schema with what JSON Schema 2020-12 has over the plain kind (SEP-1613, SEP-2106). */
const rich2020Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "address",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
} as const;

const headerSchema = {
  type: "object",
  properties: { region: { type: "string", "x-mcp-header": "Region" } },
} as const;

const noArguments = { type: "object", properties: {} } as const;

/** Registers them. `announce` is for the tools that change a list. */
export function addPlainTools(server: McpServer, announce: Announcements): void {
  const add = (name: string, run: Run, schema: object = noArguments) =>
    server.registerTool(
      name,
      { description: name.replaceAll("_", " "), inputSchema: fromJsonSchema(schema) },
      async (args, ctx) => ({ content: await run(ctx, args) }),
    );
  const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
  const note = (uri: string, mimeType: string, text: string) => ({
    type: "resource" as const,
    resource: { uri, mimeType, text },
  });

  add("test_simple_text", () => text("This is a simple text response for testing."));
  add("test_image_content", () => [image]);
  add("test_audio_content", () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }]);
  add("test_embedded_resource", () => [note("test://embedded-resource", "text/plain", "A note")]);
  add("test_multiple_content_types", () => [
    ...text("Multiple content types test:"),
    image,
    note("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
  ]);
  add("test_error_handling", () => {
    throw new Error("This tool intentionally returns an error for testing");
  });

  add("test_tool_with_logging", async ({ mcpReq }) => {
    for (const step of ["started", "processing data", "completed"]) {
      await mcpReq.log("info", `Tool execution ${step}`);
    }
    return text("Tool with logging executed successfully");
  });
  add("test_logging_tool", async ({ mcpReq }) => {
    await mcpReq.log("info", "Only for who asked for a log level");
    return text("Logging evaluated");
  });
  add("test_tool_with_progress", reportProgress);
  add("test_streaming_elicitation", reportProgress);

  // Ends its own stream, so the answer comes after the client has resumed it (SEP-1699).
  add("test_reconnection", ({ http }) => {
    http?.closeSSE?.();
    return text("Reconnection test completed successfully.");
  });

  add("test_trigger_tool_change", () => {
    announce.tools();
    return text("The list of tools has changed");
  });
  add("test_trigger_prompt_change", () => {
    announce.prompts();
    return text("The list of prompts has changed");
  });

  add(
    "json_schema_2020_12_tool",
    (_ctx, args) => text(`Called with ${JSON.stringify(args)}`),
    rich2020Schema,
  );
  add("test_header_parameter", (_ctx, args) => text(JSON.stringify(args)), headerSchema);
}

async function reportProgress({ mcpReq }: ServerContext): Promise<Content> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    for (const progress of [0, 50, 100]) {
      const message = `Completed step ${progress} of 100`;
      await mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: 100, message },
      });
    }
  }
  return text(String(progressToken));
}
