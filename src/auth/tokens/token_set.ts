/** What a grant gives (RFC 6749 section 5.1). */
export interface TokenSet {
  /** The access token. A secret. */
  readonly accessToken: string;
  /** Seconds until it expires, as the authorization server said; absent if it did not. */
  readonly expiresIn?: number;
  /** Scopes of the token, space separated; absent if they are those that were requested. */
  readonly scope?: string;
  /** Renews the token without the person who signed in; absent if the grant does not need it. */
  readonly refreshToken?: string;
}
