import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { authorizationServerAdvice } from "../../../../src/auth/client/advice.ts";
import { createClock } from "../../../../src/auth/client/clock.ts";
import { clientCredentials } from "../../../../src/auth/grants/client_credentials.ts";
import { TransientError } from "../../../../src/auth/tokens/retry.ts";
import { createTokenClient } from "../../../../src/auth/tokens/token_client.ts";
import { ProxyError } from "../../../../src/errors.ts";
import { createLog, type Log, SILENT } from "../../../../src/log/log.ts";
import { createRedaction } from "../../../../src/log/redaction.ts";
import { ConnectionError, type HttpClient } from "../../../../src/runtime/types.ts";
import { type FakeTime, withFakeTime } from "../../../parts/fake_time.ts";

// What depends on time; the rest of the token request is tested whole, in tests/integration.

const ENDPOINT = "https://auth.example.com/token";
const TARGET = { server: { issuer: ENDPOINT, token_endpoint: ENDPOINT } };

/** A public client that requests tokens through `http`. */
function clientOf(http: HttpClient, log: Log = SILENT) {
  return createTokenClient({
    clientId: "client",
    credentials: {},
    authMethod: "none",
    timeout: 25_000,
    advice: authorizationServerAdvice({}),
    clock: createClock(log),
    http,
    log,
  });
}

/** Requests a token for so long from a server that does as the test says. */
async function request(time: FakeTime, http: HttpClient, milliseconds = 300_000) {
  const log: string[] = [];
  const attempts: number[] = [];
  const client = clientOf(
    (request) => {
      attempts.push(time.passed);
      return http(request);
    },
    createLog(
      { level: "info", format: "text", redaction: createRedaction() },
      (line) => log.push(line),
    ),
  );
  const outcome = clientCredentials(client).obtain(TARGET).catch((error) => error);
  await time.pass(milliseconds);
  return { outcome: await outcome, attempts, log };
}

/** A server that takes requests and never answers. */
const silent: HttpClient = ({ signal }) =>
  new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));

const token = () =>
  Response.json({ access_token: "token-1", token_type: "Bearer", expires_in: 300 });

Deno.test("a token request is given up after 15 s, and the next one may succeed", () =>
  withFakeTime(async (time) => {
    const answers: HttpClient[] = [silent, () => Promise.resolve(token())];
    const { outcome, attempts, log } = await request(time, (each) => answers.shift()!(each));
    assertEquals(outcome, { accessToken: "token-1", expiresIn: 300, scope: undefined });
    assertEquals(attempts.length, 2);
    assertMatch(log[0], /no answer within 15s; retrying in 1s/);
  }));

Deno.test("an answer whose body never ends is given up as well", () =>
  withFakeTime(async (time) => {
    const endless: HttpClient = ({ signal }) =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            start: (controller) =>
              signal!.addEventListener("abort", () => controller.error(signal!.reason)),
          }),
        ),
      );
    const answers: HttpClient[] = [endless, () => Promise.resolve(token())];
    const { outcome } = await request(time, (each) => answers.shift()!(each));
    assertEquals(outcome, { accessToken: "token-1", expiresIn: 300, scope: undefined });
  }));

Deno.test("an authorization server that stays away is given up within 25 s", () =>
  withFakeTime(async (time) => {
    const failures: readonly HttpClient[] = [
      silent,
      () => Promise.reject(new ConnectionError("connection refused", false)),
      () => Promise.resolve(new Response(null, { status: 503 })),
      () => Promise.resolve(new Response(null, { status: 429, headers: { "retry-after": "20" } })),
    ];
    for (const failure of failures) {
      const { outcome, attempts, log } = await request(time, failure, 25_001);
      assertEquals([outcome.name, outcome.reason], ["ProxyError", "token"]);
      assertMatch(outcome.message, new RegExp(ENDPOINT));
      assertMatch(log.at(-1)!, /^\[OAuth\] Failed to fetch token: /);
      assertEquals(attempts.length >= 2, true, outcome.message);
    }
  }));

Deno.test("a failure that stays until somebody changes something is reported at once", () =>
  withFakeTime(async (time) => {
    const failure: HttpClient = () =>
      Promise.reject(new ConnectionError("its certificate has expired", false, true));
    const { outcome, attempts } = await request(time, failure, 0);
    assertEquals([outcome.name, outcome.reason], ["ProxyError", "token"]);
    assertEquals(attempts.length, 1);
  }));

Deno.test("the server's Retry-After is honoured", () =>
  withFakeTime(async (time) => {
    const answers = [
      new Response(null, { status: 503, headers: { "retry-after": "7" } }),
      token(),
    ];
    const { attempts } = await request(time, () => Promise.resolve(answers.shift()!));
    assertEquals(attempts.map((at) => at - attempts[0]), [0, 7_000]);
  }));

Deno.test("an endless token answer is refused within limited memory", () =>
  withFakeTime(async (time) => {
    let chunks = 0;
    const huge: HttpClient = () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull(controller) {
              chunks++;
              controller.enqueue(new Uint8Array(1 << 16));
            },
          }),
        ),
      );
    const { outcome } = await request(time, huge);
    assertEquals(outcome.reason, "token");
    assertEquals(chunks < 40, true, `${chunks} chunks of 64 KB were read, once`);
  }));

Deno.test("a token that cannot be sent in a header is refused, and not shown", async () => {
  for (const access_token of ["abcd\r\nX-Evil: 1", "abcd\u20acefgh"]) {
    const error = await assertRejects(
      () => attempt(Response.json({ access_token, token_type: "Bearer" })),
      ProxyError,
      "access_token",
    );
    assert(!error.message.includes("abcd"), error.message);
  }
});

Deno.test("one attempt distinguishes temporary failures from others", async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    await assertRejects(() => attempt(new Response(null, { status })), TransientError);
  }
  for (const status of [204, 301, 307, 400, 401, 403, 404]) {
    await assertRejects(() => attempt(new Response(null, { status })), ProxyError);
  }
});

/** One token request that is answered so. */
function attempt(response: Response) {
  const client = clientOf(() => Promise.resolve(response));
  return client.send(TARGET, { grantType: "client_credentials", parameters: {} }, 25_000);
}
