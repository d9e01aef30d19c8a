/**
 * The limits of time, size and number for what comes from outside, apart from those of the settings.
 * `docs/limits.md` is generated from those that users may notice.
 */

// Time, in milliseconds.

/** A connection, with DNS and TLS, if nothing else is set. */
export const CONNECT_TIMEOUT = 10_000;
/** One metadata document; there may be several URLs to try. */
export const METADATA_TIMEOUT = 10_000;
/** Discovery; less than the 60 s after which the official clients give up on `initialize`. */
export const DISCOVERY_RETRY = { attempts: 3, within: 15_000, firstDelay: 1_000 };
/** One token request, if there is time for another one. */
export const TOKEN_REQUEST_TIMEOUT = 15_000;
/** The requests for one token. `MCP_TOKEN_TIMEOUT` limits their time. */
export const TOKEN_RETRY = { attempts: 5, firstDelay: 1_000 };
/** Attempts to reach a server that refuses connections; a client may give up after 10 s. */
export const UNREACHABLE_WITHIN = 8_000;
/** Before its end, a token is renewed; at half its lifetime if that is shorter. */
export const RENEW_BEFORE = 30_000;
/** Another proxy may take this long for a shared token before this one requests its own. */
export const TOKEN_LOCK_TIMEOUT = 10_000;
/** A command that prints a secret: a password manager may ask its user first. */
export const COMMAND_TIMEOUT = 60_000;
/** The server's answer to a message of the proxy itself, or its acceptance of a notification. */
export const ANSWER_WITHIN = 30_000;
/** The longest wait that a server's `Retry-After` can ask for, or that attempts grow to. */
export const LONGEST_PAUSE = 30_000;
/** Before a stream that has ended is opened again, unless the server sends `retry`. */
export const DEFAULT_RETRY = 1_000;
/** Between attempts to connect again while no message waits for it. */
export const RECONNECT_PAUSE = { first: 1_000, longest: 60_000 };
/**
 * A silent stream of server messages, without even a comment, is opened again after this time, unless
 * `MCP_IDLE_TIMEOUT` sets another. Its connection may be dead without a reset, and Deno has no TCP
 * keep-alive that would notice it. After the machine was suspended, it is opened again at once.
 */
export const IDLE_TIMEOUT = 30 * 60_000;
/** HTTP+SSE: the first event of the stream, which names the URL for messages. */
export const FIRST_EVENT_WITHIN = 10_000;
/** A response stream that stays open after its response. */
export const LINGER_WITHIN = 5_000;
/** Bridge: a probe of what the server speaks. A message that waits for it can be cancelled earlier. */
export const PROBE_WITHIN = 60_000;
/** Bridge: the answer that shows whether the server still speaks the same era. */
export const CHECK_WITHIN = 10_000;
/** Bridge: the user's input that a call waits for. */
export const INPUT_WITHIN = 10 * 60_000;
/** Bridge: the stream of the server's own messages; some servers begin it only with a message. */
export const OPEN_STREAM_WITHIN = 2_000;
/** Bridge: the server's acceptance of a cancellation. */
export const BRIDGED_CANCEL_WITHIN = 5_000;
/** Bridge: the end of a session that is not used any more. */
export const CLOSE_UNUSED_WITHIN = 2_000;
/** After the client has closed stdin: the answers to open requests. */
export const DRAIN_WITHIN = 4_000;
/** After that: cancellations, the end of the session, the last output. */
export const END_SESSION_WITHIN = 900;
/** The part of this time that the cancellations may take. */
export const CANCEL_WITHIN = 400;
/** After a signal, the process ends within this time, whatever the server does. */
export const STOP_WITHIN = 1_500;

// Size, in bytes, or in characters where it says so.

/** A document, a token response, an error page, or a body that is only read to the end. */
export const MAX_DOCUMENT = 1 << 20;
/** The headers of an answer, as many as with Deno. Node's default is 16 KiB. */
export const MAX_HEADERS = 256 * 1024;
/** Characters of a challenge that is parsed. Real ones have a few hundred. */
export const MAX_CHALLENGE = 8_192;
/** Characters of a secret, a key or an assertion, which have a few thousand at most. */
export const MAX_SECRET = 1 << 18;
/** Characters of an access token; servers rarely accept headers of more than a few thousand. */
export const MAX_ACCESS_TOKEN = 32_768;
/** Characters of the scope that a server can extend, if `MCP_SCOPE` is not set. */
export const MAX_SCOPE = 1_000;
/** Characters of a cookie, as in browsers. */
export const MAX_COOKIE = 4_096;
/**
 * A file that a setting names, and the milliseconds for it: more than the largest bundle of
 * certificates has, and as long as a command has, whose output a FIFO can be.
 */
export const SETTINGS_FILE = { size: 4 << 20, time: COMMAND_TIMEOUT };
/** A file of an MCP client; some keep their history in it. */
export const CLIENT_FILE = { size: 64 << 20, time: 10_000 };
/** A file of the token cache. */
export const MAX_CACHE_FILE = 64 * 1024;
/** A log file; then it becomes the older one. */
export const MAX_LOG_FILE = 10_000_000;
/** Messages that wait to be sent: thousands of short ones, or a few long ones. */
export const MAX_WAITING = 16 << 20;
/** What a message that waits takes in addition to its text, approximately. */
export const MESSAGE_OVERHEAD = 4 << 10;
/** Characters of messages that come before the client is ready for them. */
export const MAX_EARLY = 4 << 20;
/** Bridge: characters of messages that wait in one call; one message may be longer. */
export const MAX_CALL_WAITING = 1 << 20;
/** Bridge: characters of a `requestState` that are looked at; ours are much shorter. */
export const MAX_STATE = 1_024;

// Number.

/** Redirects in a row. */
export const MAX_REDIRECTS = 3;
/** Cookies; then the oldest one is dropped. */
export const MAX_COOKIES = 50;
/** Authorization servers of a resource that are tried. */
export const MAX_AUTHORIZATION_SERVERS = 5;
/** Authorization servers whose metadata is remembered. */
export const MAX_KNOWN_SERVERS = 10;
/** Different scopes that a server can make the proxy request, in the life of the process. */
export const MAX_STEP_UPS = 10;
/** New tokens for a server that refuses each one, within {@linkcode RENEWALS_WITHIN}. */
export const MAX_RENEWALS = 5;
/** See {@linkcode MAX_RENEWALS}. */
export const RENEWALS_WITHIN = 60_000;
/** New sessions for one message; the server may lose the first one too, as when it is replaced. */
export const MAX_RECOVERIES = 2;
/** Resumptions of a response stream in a row that bring no event. */
export const MAX_RESUMPTIONS = 10;
/** Pages of a list of tools, for servers that always send a cursor. */
export const MAX_PAGES = 100;
/** Tools with marked parameters that are remembered. */
export const MAX_TOOLS = 10_000;
/** Responses and cancellations that may be with the server at the same time. */
export const MAX_ONE_WAY = 256;
/** Values inside values of JSON; no message needs as many, and each costs memory. */
export const MAX_DEPTH = 10_000;
/** Bridge: sessions at the same server; a client has one set of capabilities, or a few. */
export const MAX_SESSIONS = 8;
/** Bridge: questions in one round of a call. */
export const MAX_QUESTIONS = 64;
/** Bridge: rounds in which a modern server asks for something. */
export const MAX_ROUNDS = 32;
/** Bridge: rounds in a row in which it asks for nothing. */
export const MAX_EMPTY_ROUNDS = 10;
/** Bridge: notifications that wait for the client; what comes after them is dropped. */
export const MAX_NOTIFICATIONS = 1_024;
