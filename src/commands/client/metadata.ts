import { memberSpan } from "../../json/spans.ts";

/**
 * Parameters with members in their `_meta`; the rest stays as it was written. Members that are there
 * stay too.
 *
 * @param params a JSON object, as text
 */
export function withMeta(params: string, members: Readonly<Record<string, unknown>>): string {
  const span = memberSpan(params, "_meta");
  if (!span) return withMembers(params, { _meta: members });
  const [start, end] = span;
  return params.slice(0, start) + withMembers(params.slice(start, end), members) +
    params.slice(end);
}

/** An object with more members; any other value as it is. */
function withMembers(text: string, members: Readonly<Record<string, unknown>>): string {
  const known: unknown = JSON.parse(text);
  if (typeof known !== "object" || known === null || Array.isArray(known)) return text;
  const added = Object.entries(members)
    .filter(([name]) => !Object.hasOwn(known, name))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(",");
  const comma = added !== "" && Object.keys(known).length > 0 ? "," : "";
  return `{${added}${comma}${text.trimStart().slice(1)}`;
}
