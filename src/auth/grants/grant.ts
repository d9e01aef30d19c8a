import type { Target } from "../tokens/target.ts";
import type { TokenSet } from "../tokens/token_set.ts";

/** A way to get tokens. It may need several requests, and decides itself which of them are repeated. */
export interface Grant {
  /** `grant_type` at the authorization server. */
  readonly type: string;
  /**
   * Gets tokens for a target.
   *
   * @param previous the tokens that these replace, for grants that renew them
   * @throws {ProxyError} with reason `token`
   */
  obtain(target: Target, previous?: TokenSet): Promise<TokenSet>;
}
