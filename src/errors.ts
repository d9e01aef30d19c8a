/** Errors for the client and for the user, and faults of the program itself. */

/** What went wrong, as a stable word for programs: `data.reason` of a JSON-RPC error. */
export type Reason =
  | "token"
  | "unauthorized"
  | "unreachable"
  | "http_status"
  | "bad_response"
  | "interrupted"
  | "shutdown"
  | "too_large"
  | "internal"
  | "timeout";

/**
 * Errors of the proxy's own. Their codes lie outside the range that JSON-RPC reserves, as the MCP
 * specification asks (2026-07-28, "Error Codes"), so that no client takes one for the server's.
 */
const CODES: Readonly<Record<Reason, number>> = {
  /** No access token could be had. */
  token: -31001,
  /** The MCP server refused the token, also a new one. */
  unauthorized: -31002,
  /** The MCP server could not be reached; the request was not sent. */
  unreachable: -31003,
  /** The MCP server answered with an unsuccessful HTTP status. */
  http_status: -31004,
  /** The MCP server answered with something that is not an answer. */
  bad_response: -31005,
  /** The connection or the stream ended before the answer. */
  interrupted: -31006,
  /** The client closed stdin and the answer did not come in time. */
  shutdown: -31007,
  /** The message is larger than the user allows. */
  too_large: -31008,
  /** A fault in the proxy itself. */
  internal: -31009,
  /** The MCP server did not answer in the time that the user allows. */
  timeout: -31010,
};

/** Further members of the JSON-RPC error's `data`. */
export interface ErrorDetails {
  /** HTTP status that caused the error. */
  readonly status?: number;
  /** OAuth `error` that the authorization server gave (RFC 6749 section 5.2). */
  readonly oauthError?: string;
  /** Milliseconds after which the server asks to come back (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Whether the server may have acted on the request: `false` = it is safe to send it again. */
  readonly mayHaveRun?: boolean;
}

/** The `data` member of the JSON-RPC errors with which the proxy answers requests that fail. */
export interface ErrorData extends ErrorDetails {
  /** The error is from the proxy, not from the server. */
  readonly source: "mcp-oauth-proxy";
  /** What went wrong. Codes and reasons are stable. */
  readonly reason: Reason;
}

/** The parts of an error's message. */
export interface Explanation {
  /** What was being done, such as "OAuth token fetch". */
  readonly during?: string;
  /** What happened and why, as far as known. */
  readonly problem: string;
  /** What the user can do about it. */
  readonly hint?: string;
}

/** An error with a hint for the user. Its message has all parts; no code needs to take it apart. */
export class ExplainedError extends Error implements Explanation {
  readonly during?: string;
  readonly problem: string;
  readonly hint?: string;

  /**
   * @param text the message, or its parts
   * @param cause what was thrown first
   */
  constructor(text: string | Explanation, cause?: unknown) {
    const parts = typeof text === "string" ? { problem: text } : text;
    super(sentencesOf(parts), cause === undefined ? undefined : { cause });
    this.during = parts.during;
    this.problem = parts.problem;
    this.hint = parts.hint;
  }
}

function sentencesOf({ during, problem, hint }: Explanation): string {
  const what = during === undefined ? problem : `${during} failed: ${problem}`;
  if (hint === undefined) return what;
  return what.endsWith(".") ? `${what} ${hint}` : `${what}. ${hint}`;
}

/** The parts of the message of anything that was thrown. */
export function explanationOf(error: unknown): Explanation {
  if (!(error instanceof ExplainedError)) return { problem: messageOf(error) };
  const { during, problem, hint } = error;
  return { during, problem, hint };
}

/** An error that the proxy reports to the client as a JSON-RPC error. */
export class ProxyError extends ExplainedError {
  /** @ignore */
  override readonly name = "ProxyError";
  /** JSON-RPC error code, stable over releases. */
  readonly code: number;

  /**
   * @param reason stable word for programs
   * @param text one line for people: what happened, and what to do about it
   * @param details members of `data`
   * @param cause what was thrown first
   */
  constructor(
    readonly reason: Reason,
    text: string | Explanation,
    readonly details: ErrorDetails = {},
    cause?: unknown,
  ) {
    super(text, cause);
    this.code = CODES[reason];
  }

  /** The `data` member of the JSON-RPC error. */
  get data(): ErrorData {
    return { source: "mcp-oauth-proxy", reason: this.reason, ...this.details };
  }
}

/** The fault in the program that an error is, or was caused by; nothing if it is none. */
export function internalCause(error: unknown): Error | undefined {
  if (error instanceof ProxyError) {
    if (error.reason !== "internal") return undefined;
    return internalCause(error.cause) ?? error;
  }
  const isFault = [TypeError, RangeError, ReferenceError, SyntaxError, URIError]
    .some((type) => error instanceof type);
  return isFault ? error as Error : undefined;
}

/**
 * Throws an error again that is a fault in the program. Call it before an error is explained as
 * something else.
 */
export function rethrowFault(error: unknown): void {
  if (internalCause(error)) throw error;
}

/** For `catch`: a value instead of a failure, but not instead of a fault in the program. */
export function unlessFault<T>(value: T): (error: unknown) => T {
  return (error) => {
    rethrowFault(error);
    return value;
  };
}

/**
 * The error that an error becomes for the client, with the first one as its cause. A fault in the
 * program stays one, whatever it interrupted.
 *
 * @param message from the message of the first error
 */
export function wrapped(
  cause: unknown,
  reason: Reason,
  message: (words: string) => string,
  details: ErrorDetails,
): ProxyError {
  if (cause instanceof ProxyError && cause.reason === "internal") return cause;
  const words = messageOf(cause);
  if (internalCause(cause)) {
    const report = { problem: `internal error: ${words}`, hint: "Please report it, with the log" };
    return new ProxyError("internal", report, { mayHaveRun: true }, cause);
  }
  return new ProxyError(reason, message(words), details, cause);
}

/** The message of anything that was thrown, in one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  // A pattern with white space on both sides of the line break would take quadratic time.
  const lines = text.split(/[\r\n]+/);
  return lines.length === 1 ? text : lines.map((line) => line.trim()).join(" ");
}
