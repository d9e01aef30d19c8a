import type { Log } from "../../log/log.ts";
import type { Redaction } from "../../log/redaction.ts";
import type { Runtime } from "../../runtime/types.ts";
import { credentialText } from "../../settings/credential_text.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Credentials, formEncoded } from "./client_authentication.ts";
import {
  createSecret,
  type SecretReader,
  secretReader,
  type SecretSource,
} from "./secret_source.ts";

/** Where credentials are read from. */
type Machine = Pick<Runtime, "readTextFile" | "run">;

/** The credentials of the client and of its user. */
export interface OwnCredentials extends Credentials {
  /** The assertion of the grant jwt-bearer. */
  readonly grantAssertion?: SecretReader;
  /** The user's identity assertion, for the enterprise-managed grant. */
  readonly identity?: SecretReader;
  /** The credentials of the client at the identity provider. */
  readonly atIdentityProvider: Credentials;
  /** Reads again what may have changed. @returns whether something has changed */
  renew(): Promise<boolean>;
}

/** Where a secret is read from. */
type Place = Parameters<typeof secretReader>[1];

/**
 * The credentials of the settings. Commands are not run before their output is needed. Each secret is
 * hidden from logs as soon as it is known.
 */
export function credentialsFrom(
  settings: Settings,
  machine: Machine,
  redaction: Redaction,
  log: Log,
): OwnCredentials {
  /** Checks the text of a client secret as if it were in the settings. */
  const secretText = (variable: string) => (text: string) =>
    credentialText(text, (what) => log.warn("OAuth", `What ${variable} gives ${what}`));

  function kept(
    variable: string,
    name: "clientSecret" | "privateKey" | "idpClientSecret",
    hide: (text: string) => void,
    parse?: (text: string) => string,
  ): SecretSource | undefined {
    const text = settings[name];
    const place = { file: settings[`${name}File`], command: settings[`${name}Command`] };
    if (text !== undefined) hide(text);
    const unchanging = text === undefined ? undefined : () => Promise.resolve(text);
    const read = secretReader(variable, place, machine, parse) ?? unchanging;
    return read && createSecret(read, hide, text);
  }

  function readAtEachUse(variable: string, place: Place): SecretReader | undefined {
    const read = secretReader(variable, place, machine);
    return read && (async () => {
      const text = (await read()).trim();
      redaction.hide(text);
      return text;
    });
  }

  /** Hides a client secret, also in the form that client_secret_basic sends. */
  const hideSecretOf = (clientId: string) => (text: string) => {
    redaction.hide(text, true);
    redaction.hide(btoa(`${formEncoded(clientId)}:${formEncoded(text)}`), true);
  };

  /** Hides each part of a key, since a log line may have only one of them. */
  function hideKey(text: string): void {
    for (const part of text.match(/[\w+/=-]{24,}/g) ?? []) redaction.hide(part, true);
  }

  // Without an ID, the settings accept only a token that exists already.
  const { clientId = "", idpClientId = clientId } = settings;
  const secret = kept(
    "MCP_CLIENT_SECRET",
    "clientSecret",
    hideSecretOf(clientId),
    secretText("MCP_CLIENT_SECRET"),
  );
  const key = kept("MCP_PRIVATE_KEY", "privateKey", hideKey);
  const idpSecret = kept(
    "MCP_IDP_CLIENT_SECRET",
    "idpClientSecret",
    hideSecretOf(idpClientId),
    secretText("MCP_IDP_CLIENT_SECRET"),
  );
  const assertion = readAtEachUse("MCP_ASSERTION", {
    file: settings.assertionFile,
    command: settings.assertionCommand,
  });
  const identity = readAtEachUse("MCP_ID_TOKEN", {
    file: settings.idTokenFile,
    command: settings.idTokenCommand,
  });
  if (settings.clientKey) hideKey(settings.clientKey);
  const { privateKeyAlg: alg, privateKeyId: kid } = settings;
  const privateKey = key && { ...key, alg, kid };

  return {
    secret,
    privateKey,
    // With jwt-bearer, the assertion is the grant and does not identify the client.
    assertion: settings.grant === "jwt-bearer" ? undefined : assertion,
    certificate: settings.clientCert !== undefined,
    grantAssertion: assertion,
    identity,
    atIdentityProvider: { secret: idpSecret, privateKey },
    async renew() {
      const renewed = await Promise.all([secret, key, idpSecret].map((one) => one?.renew()));
      return renewed.includes(true);
    },
  };
}
