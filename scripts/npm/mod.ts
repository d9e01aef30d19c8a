/**
 * The library of the npm package: what `mod.ts` exports, without its start of the command. The
 * `await` of that would keep `require` from loading the library.
 *
 * @module
 */
export { OAuthProxy } from "../../src/oauth_proxy.ts";
export type { OAuthProxyOptions, ProxyStreams } from "../../src/oauth_proxy.ts";
export type { ErrorData, ErrorDetails, Reason } from "../../src/errors.ts";
export type { SettingsOptions } from "../../src/settings/options.ts";
export { SettingsError } from "../../src/settings/settings.ts";
