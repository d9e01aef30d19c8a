/** Reads and checks all settings. */

import { messageOf, rethrowFault } from "../errors.ts";
import type { Warn } from "./credential_text.ts";
import { isUnreplaced, UNREPLACED } from "./references.ts";
import { problemsOf } from "./rules.ts";
import { readSecretFile, readSettingFile } from "./secret_file.ts";
import type { Setting } from "./setting.ts";
import { type Row, SETTINGS } from "./table.ts";

export { defaultOf, flagOf, GROUPS, hasOption, type Setting } from "./setting.ts";
export { SETTINGS } from "./table.ts";

/** Rows whose setting always has a value. The client ID is not needed for a token that exists. */
type Present = Extract<Row, { readonly default: string } | { readonly key: "serverUrl" }>;

/** Keys of settings that are the text of a file. */
type ContentKey = Extract<Row, { readonly contentKey: string }>["contentKey"];

/** The checked and typed settings: one member for each row of the table. */
export type Settings =
  & { readonly [R in Present as R["key"]]: ReturnType<R["read"]> }
  & { readonly [R in Exclude<Row, Present> as R["key"]]?: ReturnType<R["read"]> }
  & { readonly [K in ContentKey]?: string }
  & {
    /** What is odd about the settings, one sentence each. */
    readonly warnings: readonly string[];
  };

/** Settings that cannot be used; each problem names its variable and says what to do. */
export class SettingsError extends Error {
  /** @ignore */
  override readonly name = "SettingsError";

  /**
   * Creates the error of all problems that were found.
   *
   * @param problems one line each
   * @param warnings what else is odd about the settings, and may be the cause; one line each
   * @param cause what was thrown first, if it was one error
   */
  constructor(
    readonly problems: readonly string[],
    readonly warnings: readonly string[] = [],
    cause?: unknown,
  ) {
    super(problems.join("\n"), cause === undefined ? undefined : { cause });
  }
}

/** Where settings come from: a text for a setting, or nothing. Empty counts as not set. */
export type SettingsSource = (setting: Setting) => string | undefined;

/** Settings of {@linkcode readSettings}. */
export interface ReadOptions {
  /** Problems of the source, to report with the others. @default none */
  readonly problems?: readonly string[];
  /** Warnings of the source. @default none */
  readonly warnings?: readonly string[];
  /** Whether the process may read the variable of a setting. @default all */
  readonly isPermitted?: (setting: Setting) => boolean;
}

/**
 * Reads, checks and types all settings.
 *
 * @param source gives the text of each setting
 * @param readFile reads a file that contains a secret; rejects with a message for the user
 * @throws {SettingsError} with all problems at once
 */
export async function readSettings(
  source: SettingsSource,
  readFile: (path: string) => Promise<string>,
  options: ReadOptions = {},
): Promise<Settings> {
  const values: Record<string, unknown> = {};
  const problems = new Map<string, string>();
  const warnings = [...options.warnings ?? []];
  const set: Setting[] = [];
  for (const setting of SETTINGS) {
    const { variable, kind, key } = setting;
    const text = source(setting) || undefined;
    if (text !== undefined) set.push(setting);
    try {
      values[key] = readText(setting, text, (what) => warnings.push(`${variable} ${what}`));
      if (text !== undefined && isUnreplaced(text, kind)) {
        warnings.push(`${variable} ${UNREPLACED}`);
      }
    } catch (error) {
      rethrowFault(error);
      problems.set(variable, messageOf(error));
    }
  }
  for (const setting of set) {
    const { variable } = setting;
    for (const [key, value] of Object.entries(setting.implies ?? {})) {
      if (!set.some((other) => other.key === key)) values[key] = value;
    }
    const other = alternativeTo(setting, set);
    try {
      if (other) throw new Error(`${other.variable} is set too; unset one of them`);
      const warn: Warn = (what) => warnings.push(`The file of ${variable} ${what}`);
      await readContent(setting, values, readFile, warn);
    } catch (error) {
      rethrowFault(error);
      problems.set(variable, messageOf(error));
    }
  }
  const { isPermitted = () => true } = options;
  const unread = SETTINGS.filter((setting) => !isPermitted(setting));
  const notPermitted = new Set(unread.map(({ variable }) => variable));
  const failed = new Set(problems.keys());
  for (const [variable, problem] of await problemsOf(values, { failed, notPermitted })) {
    if (!problems.has(variable)) problems.set(variable, problem);
  }
  const lines = [
    ...options.problems ?? [],
    ...Array.from(problems, ([variable, what]) => `${variable}: ${what}`),
  ];
  if (lines.length > 0) throw new SettingsError(lines, warnings);
  // The table decides about the members and their types; the rules hold those that are required.
  return { ...values, warnings } as unknown as Settings;
}

/** The value of a setting. */
function readText(setting: Setting, text: string | undefined, warn: Warn): unknown {
  const used = text ?? setting.default;
  if (used === undefined) return undefined;
  if (used.trim() === "") throw new Error("contains only white space; set a value, or unset it");
  try {
    return setting.read(used, warn);
  } catch (error) {
    rethrowFault(error);
    throw isUnreplaced(used, setting.kind) ? new Error(UNREPLACED, { cause: error }) : error;
  }
}

/** The setting before this one that cannot be set together with it. */
function alternativeTo(setting: Setting, set: readonly Setting[]): Setting | undefined {
  const first = setting.oneOf && set.find(({ oneOf }) => oneOf === setting.oneOf);
  return first && first !== setting ? first : undefined;
}

/** Reads the file that a setting names. Its text becomes the setting that the file is for. */
async function readContent(
  { key, contentKey }: Setting,
  values: Record<string, unknown>,
  readFile: (path: string) => Promise<string>,
  warn: Warn,
): Promise<void> {
  const path = values[key];
  if (!contentKey || typeof path !== "string") return;
  const content = SETTINGS.find(({ key }) => key === contentKey);
  const isSecret = content?.kind === "secret";
  const text = await (isSecret ? readSecretFile : readSettingFile)(path, readFile);
  values[contentKey] = content ? content.read(text, warn) : text;
}

/** The variables that contain secrets, or may contain some. */
export const SECRET_VARIABLES: readonly string[] = SETTINGS
  .filter(({ kind, containsSecret }) => kind === "secret" || containsSecret)
  .map(({ variable }) => variable);

/** The texts of the settings that tell one access token from another. */
export function identityOf(settings: Settings): (readonly [key: string, value: string])[] {
  const values = new Map<string, unknown>(Object.entries(settings));
  return SETTINGS.filter(({ identity, key }) => identity && values.get(key) !== undefined)
    .map(({ key }) => [key, textOf(values.get(key))] as const);
}

/** A text that differs for each value. */
function textOf(value: unknown): string {
  return value instanceof URL || value instanceof URLSearchParams
    ? value.toString()
    : JSON.stringify(value);
}

/** The headers and parameters in the settings, whose names the user chooses. */
export function namedValues(settings: Settings): [name: string, value: string][] {
  const { serverUrl, authServerUrl, idpTokenUrl, headers = {}, tokenParams = [] } = settings;
  const urls = [serverUrl, authServerUrl, idpTokenUrl].filter((url) => url instanceof URL);
  return [
    ...Object.entries(headers),
    ...keysInPath(serverUrl),
    ...urls.flatMap(parametersOf),
    ...tokenParams,
  ];
}

/** The parameters of a URL. */
export function parametersOf({ search, searchParams }: URL): [name: string, value: string][] {
  return [...searchParams, ...asWritten(search)];
}

/** The fewest characters that a key in a path has. */
const SHORTEST_KEY = 16;

/**
 * The parts of an MCP server's path that look like keys: long, of letters and digits. Some servers know
 * users by them. (In the path of a token endpoint, such a part names a tenant.)
 */
export function keysInPath({ pathname }: URL): [name: string, value: string][] {
  return pathname.split("/")
    .filter((part) => part.length >= SHORTEST_KEY && /\d/.test(part) && /[a-z]/i.test(part))
    .map((part) => ["key", part]);
}

/** The parameters as they are written in a URL, since there are several ways to encode them. */
function asWritten(search: string): [name: string, value: string][] {
  return search.slice(1).split("&").map((pair) => {
    const [name, ...value] = pair.split("=");
    return [name, value.join("=")];
  });
}
