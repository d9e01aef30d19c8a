import type { FORMATS, Level } from "../log/log.ts";
import { problemsOf } from "./rules.ts";
import { type Setting, SETTINGS } from "./table.ts";
import { withoutMarks } from "../json/text.ts";

export { flagOf, GROUPS, type Setting, SETTINGS } from "./table.ts";

/** What the user has decided, checked and typed. */
export interface Settings {
  /** OAuth client id. */
  readonly clientId: string;
  /** OAuth client secret; or the text of its file. */
  readonly clientSecret?: string;
  /** File that holds the client secret. */
  readonly clientSecretFile?: string;
  /** Program and arguments that print the client secret. */
  readonly clientSecretCommand?: readonly string[];
  /** The MCP endpoint. */
  readonly serverUrl: URL;
  /** The token endpoint; `discover` means that it is discovered, without a default. */
  readonly authServerUrl?: URL | "discover";
  /** Issuer of the authorization server, as the user wrote it. */
  readonly authIssuer?: string;
  /** Client authentication method. */
  readonly authMethod?: string;
  /** PKCS#8 PEM or JWK; or the text of its file. */
  readonly privateKey?: string;
  /** File that holds the private key. */
  readonly privateKeyFile?: string;
  /** Program and arguments that print the private key. */
  readonly privateKeyCommand?: readonly string[];
  /** JWS algorithm of the private key. */
  readonly privateKeyAlg?: string;
  /** `kid` of the private key. */
  readonly privateKeyId?: string;
  /** Certificate chain (PEM) for mutual TLS. */
  readonly clientCert?: string;
  /** Private key (PEM) of that certificate. */
  readonly clientKey?: string;
  /** Certificates (PEM) to trust in addition to the system's. */
  readonly ca?: string;
  /** OAuth grant. */
  readonly grant?: string;
  /** File with an assertion. */
  readonly assertionFile?: string;
  /** Program and arguments that print an assertion. */
  readonly assertionCommand?: readonly string[];
  /** File with the user's identity assertion. */
  readonly idTokenFile?: string;
  /** Program and arguments that print the user's identity assertion. */
  readonly idTokenCommand?: readonly string[];
  /** Type of the user's identity assertion: `id_token` or `saml2`. */
  readonly idTokenType?: string;
  /** Issuer of the identity provider. */
  readonly idpIssuer?: string;
  /** Token endpoint of the identity provider. */
  readonly idpTokenUrl?: URL;
  /** Client id at the identity provider. */
  readonly idpClientId?: string;
  /** Client secret at the identity provider; or the text of its file. */
  readonly idpClientSecret?: string;
  /** File that holds the client secret at the identity provider. */
  readonly idpClientSecretFile?: string;
  /** Program and arguments that print the client secret at the identity provider. */
  readonly idpClientSecretCommand?: readonly string[];
  /** Scopes, space separated. */
  readonly scope?: string;
  /** RFC 8707 resource; `none` = send none. */
  readonly resource?: string;
  /** Further token request parameters. */
  readonly tokenParams?: URLSearchParams;
  /** Whether tokens are bound to a key of this process (RFC 9449). */
  readonly dpop: boolean;
  /** Where tokens are shared with other proxies: a folder, or `true` for the user's cache folder. */
  readonly tokenCache?: true | string;
  /** Further headers for the MCP server. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether cleartext http is allowed to hosts other than loopback. */
  readonly allowHttp: boolean;
  /** Whether a public server's metadata may name private addresses. */
  readonly allowPrivateAddresses: boolean;
  /** Bytes that a message may have, either way. */
  readonly maxMessageBytes: number;
  /** Seconds that the requests for one access token may take in all. */
  readonly tokenTimeout: number;
  /** Requests that may be with the MCP server at a time. */
  readonly maxInFlight: number;
  /** Tools that the client may see and call. */
  readonly toolsAllow?: readonly string[];
  /** Tools that are hidden from the client. */
  readonly toolsDeny?: readonly string[];
  /** Whether a client and a server of different MCP eras are bridged. */
  readonly protocol: "auto" | "pass-through";
  /** Loudest log level that is shown. */
  readonly logLevel: Level;
  /** Log format. */
  readonly logFormat: typeof FORMATS[number];
}

/** Defaults of settings that are never `undefined`. */
const DEFAULTS = {
  dpop: false,
  allowHttp: false,
  allowPrivateAddresses: false,
  maxMessageBytes: 256 * 2 ** 20,
  maxInFlight: 256,
  tokenTimeout: 25,
  protocol: "auto",
  logLevel: "info",
  logFormat: "text",
} satisfies Partial<Settings>;

/** Settings that cannot be used; each problem names its variable and says what to do. */
export class SettingsError extends Error {
  /** @ignore */
  override readonly name = "SettingsError";

  /**
   * Creates the error of all problems that were found.
   *
   * @param problems one line each
   */
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Where settings come from: a text for a setting, or nothing. Empty counts as not set. */
export type SettingsSource = (setting: Setting) => string | undefined;

/**
 * Reads, checks and types all settings.
 *
 * @param source gives the text of each setting
 * @param readFile reads a file that holds a secret; rejects with a message for the user
 * @param found problems of the source, to report with the others
 * @throws {SettingsError} with all problems at once
 */
export async function readSettings(
  source: SettingsSource,
  readFile: (path: string) => Promise<string>,
  found: readonly string[] = [],
): Promise<Settings> {
  const values: Record<string, unknown> = { ...DEFAULTS };
  const problems = new Map<string, string>();
  for (const setting of SETTINGS) {
    const text = source(setting);
    if (text === undefined || text === "") continue;
    try {
      values[setting.key] = readOne(setting, text);
    } catch (error) {
      problems.set(setting.variable, (error as Error).message);
    }
  }
  for (const setting of SETTINGS) {
    try {
      await readHeld(setting, values, readFile);
    } catch (error) {
      problems.set(setting.variable, (error as Error).message);
    }
  }
  for (const [variable, problem] of await problemsOf(values, new Set(problems.keys()))) {
    if (!problems.has(variable)) problems.set(variable, problem);
  }
  const told = [...found, ...Array.from(problems, ([variable, what]) => `${variable}: ${what}`)];
  if (told.length > 0) throw new SettingsError(told);
  return values as unknown as Settings;
}

/** Other words for the values of a switch. */
const SWITCH_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(true|yes|on|1)$/i, "true"],
  [/^(false|no|off|0)$/i, "false"],
];

function readOne(setting: Setting, written: string): unknown {
  const word = setting.switch && SWITCH_WORDS.find(([pattern]) => pattern.test(written.trim()));
  const text = word ? word[1] : written;
  if (setting.values && !setting.values.includes(text)) {
    throw new Error(`${JSON.stringify(text)} is not one of ${setting.values.join(", ")}`);
  }
  return setting.read(text);
}

/** The byte order mark of UTF-16, which Windows PowerShell writes, read as UTF-8. */
const UTF_16_MARK = "\ufffd\ufffd";

/** The text of the file that a setting names becomes the setting that the file is for. */
async function readHeld(
  { key, holds, variable }: Setting,
  values: Record<string, unknown>,
  readFile: (path: string) => Promise<string>,
): Promise<void> {
  const path = values[key];
  if (!holds || typeof path !== "string") return;
  if (values[holds]) {
    throw new Error(`${variable.replace(/_FILE$/, "")} is set too; unset one of them`);
  }
  const text = withoutMarks(await readFile(path));
  if (!text) throw new Error(`${path} is empty`);
  if (text.startsWith(UTF_16_MARK)) throw new Error(`${path} is UTF-16; save it as UTF-8`);
  values[holds] = text;
}

/** The headers and parameters of the settings: what users have names of their own for. */
export function namedValues(settings: Settings): [name: string, value: string][] {
  const { serverUrl, authServerUrl, idpTokenUrl, headers = {}, tokenParams = [] } = settings;
  const urls = [serverUrl, authServerUrl, idpTokenUrl].filter((url) => url instanceof URL);
  return [
    ...Object.entries(headers),
    ...urls.flatMap(({ search, searchParams }) => [...searchParams, ...asWritten(search)]),
    ...tokenParams,
  ];
}

/** The parameters as they stand in a URL: there is more than one way to encode them. */
function asWritten(search: string): [name: string, value: string][] {
  return search.slice(1).split("&").map((pair) => {
    const [name, ...value] = pair.split("=");
    return [name, value.join("=")];
  });
}
