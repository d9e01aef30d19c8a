import { assertEquals, assertRejects } from "@std/assert";
import type { TokenSet } from "../../../../src/auth/tokens/token_set.ts";
import { createTokenSource } from "../../../../src/auth/tokens/token_source.ts";

const SECOND = 1000;

/** A source on a clock of the test's, with token requests that the test answers one by one. */
function scriptedSource() {
  let time = 0;
  const requests: PromiseWithResolvers<TokenSet>[] = [];
  const source = createTokenSource(() => {
    const request = Promise.withResolvers<TokenSet>();
    requests.push(request);
    return request.promise;
  }, () => time);

  return {
    source,
    requests,
    /** Lets time pass. */
    pass: (seconds: number) => void (time += seconds * SECOND),
    /** Answers the latest request, and lets what waits for it run. */
    async answer(value: string, expiresIn?: number) {
      requests.at(-1)!.resolve({ accessToken: value, expiresIn });
      await new Promise((resolve) => setTimeout(resolve));
    },
    async fail(message: string) {
      requests.at(-1)!.reject(new Error(message));
      await new Promise((resolve) => setTimeout(resolve));
    },
    async value() {
      return (await source.get()).accessToken;
    },
  };
}

/** A source that holds a token. */
async function sourceWith(expiresIn?: number) {
  const scripted = scriptedSource();
  const first = scripted.source.get();
  await scripted.answer("first", expiresIn);
  await first;
  return scripted;
}

Deno.test("no token is requested before one is needed", () => {
  assertEquals(scriptedSource().requests.length, 0);
});

Deno.test("all waiting callers share one request and get its token", async () => {
  const { source, requests, answer } = scriptedSource();
  const waiting = Array.from({ length: 20 }, () => source.get());
  assertEquals(requests.length, 1);
  await answer("first", 300);
  for (const token of waiting) assertEquals((await token).accessToken, "first");
});

Deno.test("a request that fails fails for all who wait, and the next one asks again", async () => {
  const { source, requests, answer, fail, value } = scriptedSource();
  const waiting = [source.get(), source.get()].map((token) =>
    assertRejects(async () => await token, Error, "no")
  );
  await fail("no");
  await Promise.all(waiting);
  const next = value();
  assertEquals(requests.length, 2);
  await answer("second");
  assertEquals(await next, "second");
});

Deno.test("a token is renewed 30 s before it expires, and no request waits for that", async () => {
  const { requests, pass, answer, value } = await sourceWith(300);
  pass(269);
  assertEquals([await value(), requests.length], ["first", 1]);
  pass(2);
  assertEquals([await value(), requests.length], ["first", 2]);
  assertEquals([await value(), requests.length], ["first", 2]);
  await answer("second", 300);
  assertEquals([await value(), requests.length], ["second", 2]);
});

Deno.test("a short-lived token is renewed at half its life, not with each message", async () => {
  const { requests, pass, answer, value } = await sourceWith(10);
  pass(4);
  assertEquals([await value(), requests.length], ["first", 1]);
  pass(2);
  assertEquals([await value(), requests.length], ["first", 2]);
  await answer("second", 10);
  pass(4);
  assertEquals([await value(), requests.length], ["second", 2]);
});

for (const expiresIn of [undefined, 0, -1]) {
  Deno.test(`a token whose expires_in is ${expiresIn} is used until it is refused`, async () => {
    const { source, requests, pass, answer, value } = await sourceWith(expiresIn);
    pass(365 * 24 * 3600);
    assertEquals([await value(), requests.length], ["first", 1]);
    source.refuse(await source.get());
    const next = value();
    await answer("second");
    assertEquals([await next, requests.length], ["second", 2]);
  });
}

Deno.test("a token that has expired is not handed out: the message waits for the new one", async () => {
  const { requests, pass, answer, value } = await sourceWith(300);
  pass(300);
  const next = value();
  assertEquals(requests.length, 2);
  await answer("second", 300);
  assertEquals(await next, "second");
});

Deno.test("a renewal that fails is tried again after a pause, while the old token serves", async () => {
  const { requests, pass, fail, answer, value } = await sourceWith(300);
  pass(271);
  assertEquals(await value(), "first");
  await fail("not now");
  assertEquals([await value(), requests.length], ["first", 2]);
  pass(6);
  assertEquals([await value(), requests.length], ["first", 3]);
  await answer("second", 300);
  assertEquals(await value(), "second");
});

Deno.test("a renewal that fails after the old token's end fails for those who wait", async () => {
  const { source, pass, fail, value } = await sourceWith(300);
  pass(271);
  await value();
  pass(30);
  const waiting = assertRejects(async () => await source.get(), Error, "gone");
  await fail("gone");
  await waiting;
});

Deno.test("a refused token is not handed out again, and one refused late costs nothing", async () => {
  const { source, requests, answer, value } = await sourceWith(300);
  const first = await source.get();
  source.refuse(first);
  const next = value();
  await answer("second", 300);
  assertEquals(await next, "second");
  source.refuse(first);
  assertEquals([await value(), requests.length], ["second", 2]);
});
