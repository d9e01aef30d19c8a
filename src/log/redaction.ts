import { plain } from "./escape.ts";

/** Takes secrets out of any text that is about to leave the process on stderr or in an error. */
export interface Redaction {
  /** Remembers a secret. `lasting` ones are never forgotten, of others the latest few are kept. */
  hide(secret: string, lasting?: boolean): void;
  /** `text` as one line, with every known secret and every JWT replaced by `[redacted]`. */
  redact(text: string): string;
}

/** Short strings are in ordinary words too; hiding them would only garble the log. */
const SHORTEST = 4;
/** Tokens are renewed for days; an old one has expired and need not be remembered. */
const LATEST = 16;
/**
 * Runs of characters that a JWT can consist of. The lookbehind keeps the search linear: a run is
 * entered only at its start.
 */
const RUNS = /(?<![\w.-])[\w.-]+/g;
/** The shortest first part of a JWT, its header. */
const SHORTEST_HEADER = 13;

/** Whether the value of a header or a parameter is a secret, as far as its name can tell. */
export function isSecretName(name: string): boolean {
  return /cookie|key|token|secret|auth|passw|pwd|credential|signature|^(code|sig|pass)$/i.test(
    name,
  );
}

/**
 * Creates a {@linkcode Redaction}.
 *
 * @param named headers and parameters, of which those are hidden whose names speak of a secret
 */
export function createRedaction(
  named: Iterable<readonly [name: string, value: string]> = [],
): Redaction {
  const lasting = new Set<string>();
  const latest = new Set<string>();
  let forms: string[] = [];

  function hide(secret: string, keep = false): void {
    if (secret.length < SHORTEST) return;
    // One that is read again is not a new one, which would push another out.
    if (keep) lasting.add(secret);
    else {
      latest.delete(secret);
      latest.add(secret);
    }
    if (latest.size > LATEST) latest.delete(latest.values().next().value!);
    // The longest first, since a secret may be a part of another.
    forms = [...new Set([...lasting, ...latest].flatMap(formsOf))]
      .sort((one, other) => other.length - one.length);
  }

  for (const [name, value] of named) if (isSecretName(name)) hide(value, true);
  return {
    hide,
    redact(text) {
      for (const form of forms) text = text.replaceAll(form, "[redacted]");
      return plain(text.replace(RUNS, withoutJwt));
    },
  };
}

/** A run without the JWT in it: an assertion, a proof or a token, whoever made it. */
function withoutJwt(run: string): string {
  const segments = run.split(".");
  for (let i = 0, at = 0; i < segments.length - 2; at += segments[i++].length + 1) {
    const start = segments[i].indexOf("eyJ");
    if (start < 0 || segments[i].length - start < SHORTEST_HEADER) continue;
    return `${run.slice(0, at + start)}[redacted]`;
  }
  return run;
}

/** The forms in which a secret travels: as it is, encoded in a URL or a form, in a JSON string. */
function formsOf(secret: string): string[] {
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  return [secret, encodeURIComponent(secret), form, JSON.stringify(secret).slice(1, -1)];
}
