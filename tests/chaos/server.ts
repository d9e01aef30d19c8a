import { httpSse } from "./http_sse.ts";
import { type Incoming, startListener } from "./listener.ts";
import { between, pick } from "./random.ts";
import { streamableHttp } from "./streamable_http.ts";
import { createTokens } from "./tokens.ts";
import { createTrouble, type Trouble } from "./trouble.ts";

/** A server that keeps to the protocol, and does what it likes otherwise. */
export interface ChaosServer {
  readonly url: string;
  readonly tokenEndpoint: string;
  readonly trouble: Trouble;
  /** Connections that are open. */
  readonly connections: number;
  /** Does one thing to all at once: a restart, tokens revoked, sessions lost, … */
  strike(): Promise<void>;
  close(): Promise<void>;
}

/** Something that happens to all at once. */
interface Strike {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  strike(): Promise<void> | void;
}

/** The MCP part of the server. */
export interface Transport {
  /** Answers a request that has a good token. */
  answer(incoming: Incoming): Promise<void> | void;
  /** Says something by itself to whoever listens. */
  notify(message: string): void;
  /** Forgets every session, as with a restart. */
  forget(): void;
  readonly strikes: readonly Strike[];
}

/** What a client or a server speaks: sessions, 2026-07-28, or either. */
export type Eras = "legacy" | "modern" | "both";

/** The transports that there are. */
export const TRANSPORTS: Readonly<Record<string, (trouble: Trouble, era: Eras) => Transport>> = {
  "streamable-http": streamableHttp,
  "http+sse": httpSse,
};

/** Milliseconds between messages of the server's own. */
const TALK_EVERY = 20;
const TALK = '{"jsonrpc":"2.0","method":"notifications/message","params":{}}';

/** Starts it on 127.0.0.1; what it does follows from the seed. */
export async function startChaosServer(
  seed: number,
  transport: string,
  era: Eras,
): Promise<ChaosServer> {
  const trouble = createTrouble(seed);
  const { random } = trouble;
  const tokens = createTokens(trouble);
  const mcp = TRANSPORTS[transport](trouble, era);

  const listener = await startListener(async (incoming) => {
    const { request, response } = incoming;
    if (request.url === "/token") return await tokens.give(response);
    if (tokens.admits(request, response)) await mcp.answer(incoming);
  });

  const strikes: readonly Strike[] = [
    {
      name: "(restart)",
      weight: 3,
      async strike() {
        mcp.forget();
        await listener.restart(between(50, 1_500, random));
      },
    },
    { name: "(tokens revoked)", weight: 3, strike: tokens.revoke },
    { name: "(connections cut)", weight: 2, strike: listener.cutAll },
    ...mcp.strikes,
  ];

  const talk = setInterval(() => mcp.notify(TALK), TALK_EVERY);
  return {
    url: `${listener.origin}/mcp`,
    tokenEndpoint: `${listener.origin}/token`,
    trouble,
    get connections() {
      return listener.connections;
    },
    async strike() {
      const { name, strike } = pick(strikes, random);
      trouble.count(name);
      await strike();
    },
    async close() {
      clearInterval(talk);
      await listener.close();
    },
  };
}
