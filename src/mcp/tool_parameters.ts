import { memberSpan, partSpans, type Span } from "../json/spans.ts";
import type { Message, WholeMessage } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { headerValue } from "./request_metadata.ts";

/** A parameter that a tool's schema marks with `x-mcp-header`. */
interface Mark {
  /** The header, in lower case. */
  readonly header: string;
  /** The names that lead to the value in the call's arguments. */
  readonly path: readonly string[];
}

/** Which parameters of which tools are mirrored into headers, as learnt from tools/list. */
export interface ToolParameters {
  /**
   * Learns from the answer to a tools/list.
   *
   * @returns the answer without the tools whose marks are invalid; the same text if all are valid
   */
  learn(answer: WholeMessage): string;
  /** The `Mcp-Param-*` headers of a tools/call. */
  headers(call: Message): Record<string, string>;
}

/** Remembers the marks of tools (2026-07-28, "Custom Headers from Tool Parameters"). */
export function createToolParameters(log: Log): ToolParameters {
  const marksOfTool = new Map<string, readonly Mark[]>();
  const warned = new Set<string>();

  function learn(answer: WholeMessage): string {
    const tools = answer.value.result?.tools;
    if (!Array.isArray(tools)) return answer.text;
    const invalid = new Set<number>();
    tools.forEach((tool, index) => {
      try {
        const marks = marksIn(tool?.inputSchema);
        // Most tools have none; a tool that lost its marks must lose them here too.
        if (marks.length > 0) marksOfTool.set(tool.name, marks);
        else marksOfTool.delete(tool?.name);
      } catch (error) {
        invalid.add(index);
        const warning = `Tool ${tool.name} left out: ${(error as Error).message}`;
        if (!warned.has(warning)) log.warn("OAuth Proxy", warning);
        warned.add(warning);
      }
    });
    return invalid.size === 0 ? answer.text : withoutTools(answer.text, invalid);
  }

  function headers(call: Message): Record<string, string> {
    const { name, arguments: args } = call.value.params ?? {};
    const headers: Record<string, string> = {};
    for (const { header, path } of marksOfTool.get(name) ?? []) {
      const value = path.reduce(ownMember, args);
      if (["string", "number", "boolean"].includes(typeof value)) {
        headers[header] = headerValue(String(value));
      }
    }
    return headers;
  }

  return { learn, headers };
}

/** A member of an object, and none of those that every object inherits. */
function ownMember(object: unknown, name: string): unknown {
  const isMember = typeof object === "object" && object !== null && Object.hasOwn(object, name);
  return isMember ? (object as Record<string, unknown>)[name] : undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MIRRORED_TYPES = ["string", "integer", "boolean"];
const MARK = "x-mcp-header";

/**
 * The marks of a tool's input schema.
 *
 * @throws {Error} that says which rule a mark breaks
 */
function marksIn(inputSchema: unknown): Mark[] {
  const marks: Mark[] = [];
  const headers = new Set<string>();

  /** @param path where values of this schema stand; absent where no fixed path leads to them */
  // deno-lint-ignore no-explicit-any
  function visit(schema: any, path: readonly string[] | undefined): void {
    if (typeof schema !== "object" || schema === null) return;
    if (MARK in schema && !Array.isArray(schema)) addMark(schema, path);
    for (const [key, value] of Object.entries(schema)) {
      if (key === MARK || DATA_KEYWORDS.has(key)) continue;
      if (key === "properties" && typeof value === "object" && value !== null) {
        for (const [name, property] of Object.entries(value)) {
          visit(property, path && [...path, name]);
        }
      } else visit(value, undefined);
    }
  }

  // deno-lint-ignore no-explicit-any
  function addMark(schema: any, path: readonly string[] | undefined): void {
    const name = schema[MARK];
    const shown = JSON.stringify(name);
    if (typeof name !== "string" || !TOKEN.test(name)) {
      throw new Error(`${MARK} ${shown} is no HTTP field name`);
    }
    if (!path || path.length === 0) throw new Error(`${MARK} ${shown} is not on a fixed property`);
    if (!MIRRORED_TYPES.includes(schema.type)) {
      throw new Error(`${MARK} ${shown} is on a parameter that is no string, integer or boolean`);
    }
    const header = `mcp-param-${name.toLowerCase()}`;
    if (headers.has(header)) throw new Error(`${MARK} ${shown} is there twice`);
    headers.add(header);
    marks.push({ header, path });
  }

  visit(inputSchema, []);
  return marks;
}

/** Keywords whose values are data and no schemas. */
const DATA_KEYWORDS = new Set(["const", "default", "enum", "examples", "required", "description"]);

/** Takes tools out of the text of an answer; every other byte stays. */
function withoutTools(text: string, left: ReadonlySet<number>): string {
  const [result] = memberSpan(text, "result")!;
  const [start, end] = memberSpan(text, "tools", result)!;
  const kept = [...partSpans(text, start)].filter((_, index) => !left.has(index));
  const tools = kept.map((span: Span) => text.slice(...span)).join(",");
  return `${text.slice(0, start)}[${tools}]${text.slice(end)}`;
}
