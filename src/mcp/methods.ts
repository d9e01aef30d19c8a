/** The methods of MCP that the proxy has to know. */

/** Names of methods. */
export const METHOD = {
  initialize: "initialize",
  initialized: "notifications/initialized",
  ping: "ping",
  discover: "server/discover",
  listen: "subscriptions/listen",
  acknowledged: "notifications/subscriptions/acknowledged",
  cancelled: "notifications/cancelled",
  progress: "notifications/progress",
  log: "notifications/message",
  setLevel: "logging/setLevel",
  callTool: "tools/call",
  listTools: "tools/list",
  toolsChanged: "notifications/tools/list_changed",
  getPrompt: "prompts/get",
  promptsChanged: "notifications/prompts/list_changed",
  readResource: "resources/read",
  subscribe: "resources/subscribe",
  unsubscribe: "resources/unsubscribe",
  resourcesChanged: "notifications/resources/list_changed",
  resourceUpdated: "notifications/resources/updated",
  elicit: "elicitation/create",
  elicited: "notifications/elicitation/complete",
  sample: "sampling/createMessage",
  listRoots: "roots/list",
  rootsChanged: "notifications/roots/list_changed",
} as const;

/** Requests of clients that 2026-07-28 has removed. */
export const LEGACY_ONLY: readonly string[] = [
  METHOD.initialize,
  METHOD.ping,
  METHOD.setLevel,
  METHOD.subscribe,
  METHOD.unsubscribe,
];

/** Methods that change nothing on the server, or whose repetition changes nothing more. */
export const REPEATABLE: ReadonlySet<string> = new Set([
  "completion/complete",
  METHOD.initialize, // A session whose first answer was lost is never used.
  METHOD.setLevel,
  METHOD.cancelled,
  METHOD.initialized,
  METHOD.ping,
  METHOD.getPrompt,
  "prompts/list",
  "resources/list",
  METHOD.readResource,
  "resources/templates/list",
  METHOD.discover,
  "tasks/get",
  METHOD.listTools,
]);

/**
 * The parameter that names what a request is about (2026-07-28, "Standard Request Headers"; for
 * tasks, "Routing Headers" of their extension, SEP-2663).
 */
export const NAMED_BY: ReadonlyMap<string, string> = new Map(Object.entries({
  [METHOD.callTool]: "name",
  [METHOD.getPrompt]: "name",
  [METHOD.readResource]: "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
}));
