import { explanationOf, ProxyError } from "../../errors.ts";
import { TransientError } from "../tokens/retry.ts";

/** Discovery has failed; the cause is a `TransientError` if another attempt may succeed. */
export class DiscoveryError extends ProxyError {
  /** @param cause what was thrown first */
  constructor(cause: unknown) {
    super("token", { ...explanationOf(cause), during: "OAuth discovery" }, {
      status: cause instanceof TransientError ? cause.status : undefined,
      mayHaveRun: false,
    }, cause);
  }
}
