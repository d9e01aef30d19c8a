/**
 * Lets a program that speaks MCP over stdio use an MCP server that is protected by OAuth, with the
 * OAuth 2.1 client credentials grant.
 *
 * @example The command
 * ```sh
 * deno run --no-config -A jsr:@mcp-oauth-proxy/proxy
 * ```
 *
 * @example The library
 * ```ts ignore
 * import { OAuthProxy } from "@mcp-oauth-proxy/proxy";
 *
 * const proxy = new OAuthProxy({
 *   clientId: "my-client",
 *   clientSecret: "my-secret",
 *   serverUrl: "https://mcp.example.com/mcp",
 * });
 * await proxy.start();
 * ```
 *
 * @module
 */
export { OAuthProxy } from "./src/oauth_proxy.ts";
export type { OAuthProxyOptions, ProxyStreams } from "./src/oauth_proxy.ts";
export type { ErrorData, ErrorDetails, Reason } from "./src/errors.ts";
export type { SettingsOptions } from "./src/settings/options.ts";
export { SettingsError } from "./src/settings/settings.ts";

if (import.meta.main) await import("./cli.ts");
