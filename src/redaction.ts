/** Takes secrets out of any text that is about to leave the process on stderr or in an error. */
export interface Redaction {
  /** Remembers a secret. `lasting` ones are never forgotten, of others the latest few are kept. */
  hide(secret: string, lasting?: boolean): void;
  /** `text` with every known secret replaced by `[redacted]`. */
  redact(text: string): string;
}

/** Short strings are in ordinary words too; hiding them would only garble the log. */
const SHORTEST = 4;
/** Tokens are renewed for days; an old one has expired and need not be remembered. */
const LATEST = 16;

/** Creates an empty {@linkcode Redaction}. */
export function createRedaction(): Redaction {
  const lasting = new Set<string>();
  const latest: string[] = [];
  return {
    hide(secret, keep = false) {
      if (secret.length < SHORTEST) return;
      if (!keep) {
        latest.push(secret);
        if (latest.length > LATEST) latest.shift();
        return;
      }
      // The forms in which a secret travels: as it is, form-encoded, and inside a JSON string.
      lasting.add(secret).add(encodeURIComponent(secret)).add(JSON.stringify(secret).slice(1, -1))
        .add(new URLSearchParams({ s: secret }).toString().slice(2));
    },
    redact(text) {
      // The longest first, since a secret may be a part of another.
      const secrets = [...lasting, ...latest].sort((one, other) => other.length - one.length);
      for (const secret of secrets) text = text.replaceAll(secret, "[redacted]");
      return text;
    },
  };
}
