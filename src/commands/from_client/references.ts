import { type Client, ENV_REFERENCE } from "../config/clients.ts";

/** What a client's references stand for. */
export interface References {
  /** An environment variable; `preset` is its value if it is not set. */
  readonly variable: (name: string, preset?: string) => string;
  /** The answer to one of the client's questions; absent for clients that ask none. */
  readonly input?: (id: string) => Promise<string>;
  /** The folders that a reference can name: `userHome`, `workspaceFolder`. */
  readonly folders: Readonly<Record<string, string>>;
}

/** `${input:id}` */
const INPUT = /\$\{input:([^{}]+)\}/g;
/** `${userHome}`, `${workspaceFolder}` */
const FOLDER = /\$\{(userHome|workspaceFolder)\}/g;

/**
 * Replaces the references in a text as the client does it. A reference that the client does not know
 * stays, since the proxy gets it like this too.
 */
export async function withoutReferences(
  text: string,
  client: Client,
  { variable, input, folders }: References,
): Promise<string> {
  let resolved = text;
  const pattern = (client.inputs ? ENV_REFERENCE : client.reference)?.pattern;
  if (pattern) {
    resolved = resolved.replace(pattern, (_, name, preset) => variable(name, preset));
    resolved = resolved.replace(FOLDER, (_, name) => folders[name]);
  }
  if (!client.inputs || !input) return resolved;
  const answers = new Map<string, string>();
  for (const [, id] of text.matchAll(INPUT)) if (!answers.has(id)) answers.set(id, await input(id));
  return resolved.replace(INPUT, (_, id) => answers.get(id) ?? "");
}
