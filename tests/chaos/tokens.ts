import type { IncomingMessage, ServerResponse } from "node:http";
import { cut, say } from "./listener.ts";
import { between } from "./random.ts";
import { elapsed, type Trouble } from "./trouble.ts";

/** A token endpoint with troubles of its own, and tokens that do not live long. */
export interface Tokens {
  /** Answers a token request. */
  give(response: ServerResponse): Promise<void>;
  /** Whether a request carries a token that is good; answers it if not. */
  admits(request: IncomingMessage, response: ServerResponse): boolean;
  /** No token is good any more. */
  revoke(): void;
}

/** Creates it. */
export function createTokens(trouble: Trouble): Tokens {
  const { random } = trouble;
  /** When each ends, in milliseconds since 1970. */
  const ends = new Map<string, number>();
  return {
    async give(response) {
      const kind = trouble.isCalm ? 1 : random();
      if (kind < 0.08) return say(response, 500);
      if (kind < 0.12) return say(response, 429, { "retry-after": "0" });
      if (kind < 0.16) return cut(response);
      if (kind < 0.3) await elapsed(between(50, 500, random));
      const token = `token-${trouble.count("token")}`;
      const lifetime = trouble.isCalm ? 300 : between(2, 8, random);
      ends.set(token, Date.now() + lifetime * 1_000);
      const answer = { access_token: token, token_type: "Bearer", expires_in: lifetime };
      say(response, 200, { "content-type": "application/json" }, JSON.stringify(answer));
    },
    admits({ headers }, response) {
      const token = headers.authorization?.replace("Bearer ", "") ?? "";
      if (ends.get(token)! > Date.now()) return true;
      trouble.count("401");
      say(response, 401, { "www-authenticate": 'Bearer error="invalid_token"' });
      return false;
    },
    revoke: () => ends.clear(),
  };
}
