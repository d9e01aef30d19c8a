/** Removes secrets from logs and errors. */

import { plain } from "./escape.ts";
import { isForeign } from "./foreign_words.ts";
import { dropOldest } from "../drop_oldest.ts";

/** Removes secrets from text before it leaves the process in the log or in an error. */
export interface Redaction {
  /** Remembers a secret: forever if it is `lasting`, otherwise only the latest few. */
  hide(secret: string, lasting?: boolean): void;
  /** `text` as one line, with every known secret and every JWT replaced by `[redacted]`. */
  redact(text: string): string;
  /** The same for a sentence of ours. Our own words stay, also if one of them is the secret. */
  redactMessage(message: string): string;
}

/** Shorter secrets are not hidden: they are part of ordinary words, and the log would be garbled. */
const SHORTEST = 4;
/**
 * A secret that is an ordinary word, or some of them. It is hidden only as a whole word, since our own
 * texts contain it too: `secret` must not garble `client_secret_post`.
 */
const WORDS = /^[a-z]+(?:[_-][a-z]+)*$/i;
/** A secret that our own sentences may contain as a word, such as `token`. */
const OWN_WORD = /^[a-z]{4,12}$/;
/** What can stand directly before a word, with its end in a word character: an encoded character. */
const WORD_START = /(?:(?<![\w-])|(?<=%[\da-fA-F]{2})|(?<=\\(?:[bfnrt]|u[\da-fA-F]{4})))/.source;
/** Tokens are renewed for days; an old one has expired and need not be remembered. */
const LATEST = 16;
/**
 * Runs of characters that a JWT can consist of. The lookbehind keeps the search linear: a run is
 * entered only at its start.
 */
const RUNS = /(?<![\w.-])[\w.-]+/g;
/** The shortest first part of a JWT, its header. */
const SHORTEST_HEADER = 13;

/** Whether the name of a header or a parameter indicates that its value is a secret. */
export function isSecretName(name: string): boolean {
  return /cookie|key|token|secret|auth|passw|pwd|credential|signature|^(code|sig|pass)$/i.test(
    name,
  );
}

/**
 * Creates a {@linkcode Redaction}.
 *
 * @param named headers and parameters; those whose names indicate a secret are hidden
 */
export function createRedaction(
  named: Iterable<readonly [name: string, value: string]> = [],
): Redaction {
  /** Secrets and their forms. */
  const lasting = new Map<string, readonly string[]>();
  const latest = new Map<string, readonly string[]>();
  let forms: (string | RegExp)[] = [];

  function hide(secret: string, keep = false): void {
    if (secret.length < SHORTEST) return;
    const secrets = keep ? lasting : latest;
    const known = secrets.get(secret) ?? formsOf(secret);
    // A secret that is read again becomes the latest; it must not push out another.
    secrets.delete(secret);
    secrets.set(secret, known);
    dropOldest(latest, LATEST);
    // The longest first, since a secret may be a part of another.
    forms = [...new Set([...lasting.values(), ...latest.values()].flat())]
      .sort((one, other) => other.length - one.length)
      .map((form) => WORDS.test(form) ? new RegExp(`${WORD_START}${form}(?![\\w-])`, "g") : form);
  }

  for (const [name, value] of named) if (isSecretName(name)) hide(value, true);

  /** @param isOurs whether the word at an index is ours */
  function redacted(text: string, isOurs: (text: string, index: number) => boolean): string {
    for (const form of forms) {
      text = typeof form === "string" ? text.replaceAll(form, "[redacted]") : text.replace(
        form,
        (word, index) => isOurs(text, index) && OWN_WORD.test(word) ? word : "[redacted]",
      );
    }
    return plain(text.replace(RUNS, withoutJwt));
  }

  return {
    hide,
    redact: (text) => redacted(text, () => false),
    redactMessage: (message) => redacted(message, isOwnWord),
  };
}

/** Whether a word of a message is a part of our own sentence, and not of a value or a text in it. */
function isOwnWord(message: string, index: number): boolean {
  const before = message[index - 1] ?? " ";
  return (before === " " || before === "(") && !isForeign(message, index);
}

/** A run without the JWT in it, which may be an assertion, a proof or a token. */
function withoutJwt(run: string): string {
  const segments = run.split(".");
  for (let i = 0, at = 0; i < segments.length - 2; at += segments[i++].length + 1) {
    const start = segments[i].indexOf("eyJ");
    if (start < 0 || segments[i].length - start < SHORTEST_HEADER) continue;
    return `${run.slice(0, at + start)}[redacted]`;
  }
  return run;
}

/** The forms in which servers repeat a secret: plain, and in each usual encoding. */
function formsOf(secret: string): string[] {
  const form = new URLSearchParams({ s: secret }).toString().slice(2);
  const percent = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  const texts = [secret, percent, form, json];
  return [
    ...texts,
    ...[percent, form].map((text) => text.replace(/%../g, (byte) => byte.toLowerCase())),
    encodeURIComponent(percent), // In a URL within a URL.
    json.replaceAll("/", "\\/"),
    json.replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
    ...HTML.flatMap((entities) => {
      const html = secret.replace(/[&<>"']/g, (char) => entities[char] ?? char);
      return [html, inAscii(html, 10, "&#"), inAscii(html, 16, "&#x")];
    }),
    ...base64Forms(secret),
  ];
}

/** HTML whose characters outside of ASCII are numeric references. */
function inAscii(html: string, radix: number, prefix: string): string {
  return html.replace(
    /[^\x20-\x7e]/gu,
    (char) => `${prefix}${char.codePointAt(0)?.toString(radix)};`,
  );
}

/** The two ways in which HTML is usually escaped. */
const HTML: readonly Readonly<Record<string, string>>[] = [
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#x27;" },
];

/** Fewer characters of base64 can be part of other words. */
const SHORTEST_BASE64 = 8;

/**
 * The characters that stand for a secret in base64 and base64url, alone or after other bytes
 * (`id:secret`). Base64 has three forms, by the position of the secret's first byte in a group of
 * three; the characters that also stand for neighbouring bytes are left out.
 */
function base64Forms(secret: string): string[] {
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte));
  return [0, 1, 2].flatMap((before) => {
    const text = btoa("\0".repeat(before) + bytes.join(""));
    const whole = text.slice(
      Math.ceil(before * 8 / 6),
      Math.floor((before + bytes.length) * 8 / 6),
    );
    if (whole.length < SHORTEST_BASE64) return [];
    return [whole, whole.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
