import type { HttpProxy } from "./proxy_variables.ts";
import { ConnectionError } from "./types.ts";

/** The error for a connection that was not made in time. It is not tried again: that takes too long. */
export function connectTimeoutError(milliseconds: number, proxy?: HttpProxy): ConnectionError {
  const way = proxy ? ` through the proxy ${proxy.url.href} (${proxy.variable})` : "";
  return new ConnectionError(
    {
      problem: `no connection${way} within ${milliseconds / 1000} s`,
      hint: "Check the network of this machine, or set MCP_CONNECT_TIMEOUT to a longer time",
    },
    false,
    true,
  );
}
