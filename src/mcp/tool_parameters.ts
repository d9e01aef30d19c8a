import { messageOf } from "../errors.ts";
import { memberSpan, partSpans, type Span } from "../json/spans.ts";
import { type Message, paramOf, resultOf, type WholeMessage } from "../json/jsonrpc.ts";
import { isObject, type JsonObject, memberOf } from "../json/value.ts";
import { onceEach } from "../log/once_each.ts";
import { encodeHeaderValue } from "./request_metadata.ts";
import { MAX_TOOLS } from "../limits.ts";

/** A parameter that a tool's schema marks with `x-mcp-header`. */
interface HeaderParam {
  /** The header, in lower case. */
  readonly header: string;
  /** The names that lead to the value in the call's arguments. */
  readonly path: readonly string[];
}

/** Which parameters of which tools are mirrored into headers, as recorded from tools/list. */
export interface ToolParameters {
  /**
   * Records the tools in an answer to tools/list.
   *
   * @returns the answer without the tools whose marks are invalid; the same text if all are valid
   */
  record(answer: WholeMessage): string;
  /** The `Mcp-Param-*` headers of a tools/call. */
  headers(call: Message): Record<string, string>;
}

/**
 * Remembers the marked parameters of tools (2026-07-28, "Custom Headers from Tool Parameters").
 *
 * @param warn called for each tool that is left out, with the reason, a bounded number of times
 */
export function createToolParameters(warn: (problem: string) => void): ToolParameters {
  const paramsOfTool = new Map<string, readonly HeaderParam[]>();
  const warnOnce = onceEach(warn, "More tools left out; they are not listed here");

  function keep(name: string, params: readonly HeaderParam[]): void {
    paramsOfTool.delete(name); // So that it counts as the newest.
    paramsOfTool.set(name, params);
    if (paramsOfTool.size <= MAX_TOOLS) return;
    for (const oldest of paramsOfTool.keys()) {
      paramsOfTool.delete(oldest);
      return;
    }
  }

  function record(answer: WholeMessage): string {
    const tools = resultOf(answer, "tools");
    if (!Array.isArray(tools)) return answer.text;
    const invalid = new Set<number>();
    tools.forEach((tool: unknown, index) => {
      const name = String(memberOf(tool, "name"));
      try {
        const params = headerParams(memberOf(tool, "inputSchema"));
        // Most tools have none. A tool that has lost its marks must lose them here too.
        if (params.length > 0) keep(name, params);
        else paramsOfTool.delete(name);
      } catch (error) {
        invalid.add(index);
        warnOnce(`Tool ${name} left out: ${messageOf(error)}`);
      }
    });
    return invalid.size === 0 ? answer.text : withoutTools(answer.text, invalid);
  }

  function headers(call: Message): Record<string, string> {
    const headers: Record<string, string> = {};
    if (paramsOfTool.size === 0) return headers; // A long call is not parsed without need.
    const params = paramsOfTool.get(String(paramOf(call, "name"))) ?? [];
    for (const { header, path } of params) {
      const value = paramOf(call, "arguments", ...path);
      if (["string", "number", "boolean"].includes(typeof value)) {
        headers[header] = encodeHeaderValue(String(value));
      }
    }
    return headers;
  }

  return { record, headers };
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MIRRORED_TYPES: ReadonlySet<unknown> = new Set(["string", "integer", "boolean"]);
/** The member of a schema that marks a parameter. */
export const HEADER_MARK = "x-mcp-header";

/**
 * The marked parameters in a tool's input schema.
 *
 * @throws {Error} that says which rule a mark breaks
 */
function headerParams(inputSchema: unknown): HeaderParam[] {
  const params: HeaderParam[] = [];
  const headers = new Set<string>();

  /** @param path leads to the values of this schema; absent if there is no fixed path to them */
  function visit(schema: unknown, path: readonly string[] | undefined): void {
    if (typeof schema !== "object" || schema === null) return;
    if (isObject(schema) && HEADER_MARK in schema) addParam(schema, path);
    for (const [key, value] of Object.entries(schema)) {
      if (key === HEADER_MARK || DATA_KEYWORDS.has(key)) continue;
      if (key === "properties" && typeof value === "object" && value !== null) {
        for (const [name, property] of Object.entries(value)) {
          visit(property, path && [...path, name]);
        }
      } else visit(value, undefined);
    }
  }

  function addParam(schema: JsonObject, path: readonly string[] | undefined): void {
    const name = schema[HEADER_MARK];
    const shown = JSON.stringify(name);
    if (typeof name !== "string" || !TOKEN.test(name)) {
      throw new Error(`${HEADER_MARK} ${shown} is not an HTTP field name`);
    }
    if (!path || path.length === 0) {
      throw new Error(`${HEADER_MARK} ${shown} is not on a fixed property`);
    }
    if (!MIRRORED_TYPES.has(schema.type)) {
      throw new Error(
        `${HEADER_MARK} ${shown} is on a parameter that is not a string, integer or boolean`,
      );
    }
    const header = `mcp-param-${name.toLowerCase()}`;
    if (headers.has(header)) throw new Error(`${HEADER_MARK} ${shown} is used twice`);
    headers.add(header);
    params.push({ header, path });
  }

  visit(inputSchema, []);
  return params;
}

/** Keywords whose values are data, not schemas. */
const DATA_KEYWORDS = new Set(["const", "default", "enum", "examples", "required", "description"]);

/** Removes tools from the text of an answer; every other byte stays. */
export function withoutTools(text: string, removed: ReadonlySet<number>): string {
  const result = memberSpan(text, "result");
  const list = result && memberSpan(text, "tools", result[0]);
  if (!list) return text;
  const [start, end] = list;
  const kept = [...partSpans(text, start)].filter((_, index) => !removed.has(index));
  const tools = kept.map((span: Span) => text.slice(...span)).join(",");
  return `${text.slice(0, start)}[${tools}]${text.slice(end)}`;
}
