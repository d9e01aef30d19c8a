import * as limits from "../../src/limits.ts";
import { SETTINGS } from "../../src/settings/settings.ts";
import { code, table } from "./sections.ts";

/** What a limit is for, its value, and the setting that changes it. */
type Row = readonly [what: string, value: string, variable?: string];

/** The table of time limits for users. */
export function timesTable(): string {
  return tableOf("Time", [
    ["connect to a server, with DNS and TLS", time(limits.CONNECT_TIMEOUT), "MCP_CONNECT_TIMEOUT"],
    ["answer to a request, or its next progress notification", "none", "MCP_REQUEST_TIMEOUT"],
    [
      "silence on the stream for messages from the server, before it is reopened",
      time(limits.IDLE_TIMEOUT),
      "MCP_IDLE_TIMEOUT",
    ],
    ["silence on a stream of HTTP+SSE or of a subscription", "none", "MCP_IDLE_TIMEOUT"],
    ["pause in a session, before a `ping` keeps it", "no ping", "MCP_KEEP_ALIVE"],
    ["one request to a metadata URL", time(limits.METADATA_TIMEOUT)],
    [
      `discovery, with all its attempts (${limits.DISCOVERY_RETRY.attempts})`,
      time(limits.DISCOVERY_RETRY.within),
    ],
    ["one request to the token endpoint", time(limits.TOKEN_REQUEST_TIMEOUT)],
    [
      `token, with all its attempts (${limits.TOKEN_RETRY.attempts})`,
      defaultOf("MCP_TOKEN_TIMEOUT").replace("s", " s"),
      "MCP_TOKEN_TIMEOUT",
    ],
    [
      "attempts to reach a server that refuses connections",
      time(limits.UNREACHABLE_WITHIN),
    ],
    ["renewal of a token before it expires", time(limits.RENEW_BEFORE)],
    [
      "a command that prints a secret, or a file of the settings",
      time(limits.COMMAND_TIMEOUT),
    ],
    ["answer to a message of the proxy itself, such as a `ping`", time(limits.ANSWER_WITHIN)],
    ["longest pause between two attempts", time(limits.LONGEST_PAUSE)],
    [
      "longest pause before the stream for messages from the server is reopened",
      time(limits.RECONNECT_PAUSE.longest),
    ],
    ["HTTP+SSE: first event of the stream", time(limits.FIRST_EVENT_WITHIN)],
    ["after stdin closes: answers to open requests", time(limits.DRAIN_WITHIN)],
    [
      "after stdin closes: everything, until the process ends",
      time(limits.DRAIN_WITHIN + limits.END_SESSION_WITHIN),
    ],
    [
      "after SIGTERM or SIGINT: everything, until the process ends",
      time(limits.STOP_WITHIN),
    ],
    ["end the session at the server (within the limits above)", time(limits.END_SESSION_WITHIN)],
    [
      "wait of a bridged call for the user's input (`input_required`)",
      time(limits.INPUT_WITHIN),
    ],
    [
      "wait for another process that requests the shared token",
      time(limits.TOKEN_LOCK_TIMEOUT),
    ],
  ]);
}

/** The table of limits of size and number for users. */
export function sizesTable(): string {
  return tableOf("Size", [
    ["a message, in either direction", defaultOf("MCP_MAX_MESSAGE_BYTES"), "MCP_MAX_MESSAGE_BYTES"],
    [
      "requests at the MCP server at the same time",
      defaultOf("MCP_MAX_IN_FLIGHT"),
      "MCP_MAX_IN_FLIGHT",
    ],
    ["a metadata document, a token answer, an error page", size(limits.MAX_DOCUMENT)],
    ["the output of a command that prints a secret", size(limits.MAX_SECRET)],
    ["a file of the settings", size(limits.SETTINGS_FILE.size)],
    ["a file of an MCP client (`config`, `--from`)", size(limits.CLIENT_FILE.size)],
    ["a challenge (`WWW-Authenticate`)", characters(limits.MAX_CHALLENGE)],
    ["each of the two log files", `${limits.MAX_LOG_FILE / 1e6} MB`, "MCP_LOG_FILE"],
    ["redirects of a request", `${limits.MAX_REDIRECTS}`],
    [
      "authorization servers tried from the server's list",
      `${limits.MAX_AUTHORIZATION_SERVERS}`,
    ],
    ["different scopes that the server can request", `${limits.MAX_STEP_UPS}`, "MCP_SCOPE"],
    ["length of all scopes, if `MCP_SCOPE` is not set", characters(limits.MAX_SCOPE)],
    [
      `new tokens in ${time(limits.RENEWALS_WITHIN)}, if the server refuses each`,
      `${limits.MAX_RENEWALS}`,
    ],
    ["pages of a list of tools", `${limits.MAX_PAGES}`],
  ]);
}

function tableOf(kind: string, rows: readonly Row[]): string {
  const cells = rows.map((
    [what, value, variable],
  ) => [what, value, variable ? code(variable) : ""]);
  return table(["Limit", kind, "Setting"], cells);
}

/** @throws {Error} if there is no such setting, or it has no default */
function defaultOf(variable: string): string {
  const text = SETTINGS.find((setting) => setting.variable === variable)?.default;
  if (text === undefined) throw new Error(`${variable} has no default`);
  return text;
}

function time(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  return minutes > 1 && Number.isInteger(minutes) ? `${minutes} min` : `${milliseconds / 1000} s`;
}

function size(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`;
}

function characters(count: number): string {
  return `${count.toLocaleString("en")} characters`;
}
