/** What the program needs of Deno or Node: the interfaces of the adapters. */

import { ExplainedError, type Explanation } from "../errors.ts";
import type { Text } from "../json/text.ts";

/**
 * What the core needs from the machine it runs on, and nothing more. Deno and Node each have one
 * adapter; everything above this file speaks only this interface and Web standards.
 */
export interface Runtime {
  /** Arguments after the command's own name. */
  readonly args: readonly string[];
  /** How a person starts this program in a shell, for commands that are printed to be copied. */
  program(): string;
  /** One environment variable, read when asked for, or `undefined` if it is not set. */
  env(name: string): string | undefined;
  /** The names of all environment variables; empty if the process may not list them. */
  envNames(): readonly string[];
  /** Whether the process may read an environment variable. */
  mayReadEnv(name: string): boolean;
  /** Standard input as bytes: a web stream, or the runtime's own. Called once. */
  stdin(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Whether a person types on standard input. */
  stdinIsTerminal(): boolean;
  /**
   * Whether the terminal hides what is typed. While it does, each key is sent at once, also Ctrl-C.
   * Only if stdin is a terminal.
   */
  hideInput(hidden: boolean): void;
  /** Writes all of `chunk` to standard output; resolves when the reader has room again. */
  writeStdout(chunk: Uint8Array): Promise<void>;
  /** Writes to standard error at once. Never throws: a log must not end the program. */
  writeStderr(text: string): void;
  /** The text of a file. Rejects with an error whose message can be shown to the user. */
  readTextFile(path: string): Promise<string>;
  /**
   * Runs a program, without a shell, for what it prints; it has no input, and its complaints are not
   * shown. Rejects if it cannot be started.
   *
   * @param command the program and its arguments
   */
  run(command: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Files that no other user may read; loaded when first asked for. */
  privateFiles(): Promise<PrivateFiles>;
  /**
   * Opens a file for the log, created if it does not exist, that only the user can read. Rejects with an
   * error whose message can be shown to the user.
   *
   * @returns writes to it at once, and never throws
   */
  logFile(path: string): Promise<(text: string) => void>;
  /** What the commands for people need; loaded when first asked for. */
  host(): Promise<Host>;
  /** Makes an HTTP client. Connections are kept and shared by all requests of one client. */
  http(options?: HttpOptions): HttpClient;
  /** Calls `handler` with 129, 130 or 143 when the user or the system asks the program to stop. */
  onStop(handler: (exitCode: number) => void): void;
  /** Calls `handler` for an error that nothing caught, instead of ending the process. */
  onFault(handler: (error: unknown) => void): void;
  /** Ends the process. */
  exit(code: number): never;
}

/** Bounds of a program that is run. */
export interface RunOptions {
  /** Characters that it may print; it is ended soon after. */
  readonly limit: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Environment variables that it must not see, since they contain secrets. */
  readonly hidden?: readonly string[];
}

/** What is left of a program that has run. */
export interface RunResult {
  /** Exit code; not 0 if a signal ended it. */
  readonly code: number;
  /** What it printed. */
  readonly stdout: string;
}

/** Files that no other user may read. */
export interface PrivateFiles {
  /** The user's folder for caches; `undefined` if there is none. */
  cacheFolder(): string | undefined;
  /** Replaces a file in one step, so that nobody reads half of it; creates its folder. */
  write(path: string, text: string): Promise<void>;
  /**
   * A folder for private files, created if it does not exist. Rejects with the reason if it is a
   * symbolic link, belongs to another user, or lets other users write.
   */
  folder(path: string): Promise<PrivateFolder>;
}

/** A folder that only this user can write to. */
export interface PrivateFolder {
  /** The text of a regular file below 64 KB, or `undefined` if there is none. */
  read(name: string): Promise<string | undefined>;
  /** Replaces a file in one step, so that nobody reads half of it. */
  write(name: string, text: string): Promise<void>;
  /** Creates an empty file. @returns `false` if there is one already */
  create(name: string): Promise<boolean>;
  /** Milliseconds since a file was last written, or `undefined` if there is none. */
  age(name: string): Promise<number | undefined>;
  /** Removes a file, if there is one. Never rejects. */
  remove(name: string): Promise<void>;
}

/** The user's machine, for the commands that talk to people and set things up. */
export interface Host {
  /** The system. */
  readonly os: "linux" | "macos" | "windows";
  /** Whether what is written there is seen by a person at once. */
  isTerminal(stream: "stdout" | "stderr"): boolean;
  /** Width of the terminal that stdout is; `undefined` if it is not a terminal. */
  columns(): number | undefined;
  /** The user's own folder. */
  homeFolder(): string;
  /** Path of the program that runs: Deno, Node, or the binary. */
  executable(): string;
  /** The folder that the program was started in. */
  currentFolder(): string;
  /** Sets an environment variable of this process, for example of an HTTP proxy. */
  setVariable(name: string, value: string): void;
  /** The text of a file, or `undefined` if there is none. Rejects if it cannot be read. */
  readIfThere(path: string): Promise<string | undefined>;
  /**
   * Replaces a file in one step, keeps its mode, and creates its folder. Rejects with a reason for
   * the user, and leaves nothing behind.
   *
   * @returns the path of a copy of the old file in the same folder; `undefined` if there was none
   */
  replace(path: string, text: string): Promise<string | undefined>;
  /** Whether there is a file or a folder. */
  exists(path: string): Promise<boolean>;
  /** The addresses of a host, as the system finds them. Rejects if it finds none. */
  addressesOf(host: string): Promise<string[]>;
}

/** How connections are made. */
export interface HttpOptions {
  /** Certificates (PEM) to trust in addition to the system's. */
  readonly ca?: string;
  /** Client certificate chain (PEM) for mutual TLS (RFC 8705). */
  readonly cert?: string;
  /** Private key (PEM) of the client certificate. */
  readonly key?: string;
  /**
   * Milliseconds that a new connection may take, with DNS and TLS.
   *
   * @default 10_000
   */
  readonly connectTimeout?: number;
}

/**
 * Sends one HTTP request: the part of `fetch` that the proxy uses. Redirects are returned, not
 * followed. Rejects with a {@linkcode ConnectionError}, or with the signal's reason.
 */
export type HttpClient = (request: HttpRequest) => Promise<HttpResponse>;

/** One HTTP request. */
export interface HttpRequest {
  /** HTTP method, upper case. */
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  /** Header names and values; in a value, each character is one byte (`http/header_value.ts`). */
  readonly headers: Readonly<Record<string, string>>;
  /** The id of the client's request that this one is sent for, as JSON text; several with commas. */
  readonly id?: string;
  /** Request body, sent as UTF-8. */
  readonly body?: Text;
  /** Closes the connection, at any time before the body of the response has been read. */
  readonly signal?: AbortSignal;
  /**
   * What the request is for.
   *
   * @default "message"
   */
  readonly purpose?: "message" | "metadata" | "token";
}

/** The part of `Response` that the proxy uses; a `Response` is one. */
export interface HttpResponse {
  /** HTTP status code. */
  readonly status: number;
  /** Response headers. */
  readonly headers: HttpHeaders;
  /**
   * Body as it arrives. Read once, or given up with the request's signal. Throws a
   * {@linkcode ConnectionError} if it breaks off, or the signal's reason.
   */
  readonly body: AsyncIterable<Uint8Array> | null;
  /** The whole body as UTF-8 text. Rejects as `body` throws. */
  text(): Promise<string>;
}

/** The part of `Headers` that the proxy uses; names in any case, each character of a value one byte. */
export interface HttpHeaders {
  /** The value of a header, or `null`; several values with commas between them. */
  get(name: string): string | null;
  /** The values of `Set-Cookie`, which may hold commas themselves. */
  getSetCookie(): string[];
}

/** An HTTP exchange that broke before it had a response, or in the middle of its body. */
export class ConnectionError extends ExplainedError {
  /** @ignore */
  override readonly name = "ConnectionError";

  /**
   * @param text what happened, in one line that can be shown to the user, or the parts of it
   * @param reachedServer `false` only if no byte of the request can have reached the server
   * @param isPermanent whether another attempt would fail as well until somebody changes something
   * @param cause what was thrown first
   */
  constructor(
    text: string | Explanation,
    readonly reachedServer: boolean,
    readonly isPermanent = false,
    cause?: unknown,
  ) {
    super(text, cause);
  }
}
