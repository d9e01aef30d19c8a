import { assert, assertEquals } from "@std/assert";
import { createRedaction } from "../../../src/log/redaction.ts";

Deno.test("a secret is hidden in each form in which it travels", () => {
  const redaction = createRedaction();
  const secret = 'p@ss "wörd" +&%\\';
  redaction.hide(secret, true);
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString(),
    JSON.stringify({ secret }),
  ];
  const shown = redaction.redact(`<${forms.join("> <")}>`);
  assertEquals(shown, '<[redacted]> <[redacted]> <secret=[redacted]> <{"secret":"[redacted]"}>');
});

Deno.test("every occurrence is hidden, and nothing else", () => {
  const redaction = createRedaction();
  redaction.hide("s3cret");
  assertEquals(redaction.redact("s3crets3cret, a secret"), "[redacted][redacted], a secret");
});

Deno.test("a secret is matched literally, even with characters that are special in patterns", () => {
  const redaction = createRedaction();
  redaction.hide("$&.*(a|b)$1", true);
  assertEquals(redaction.redact("x $&.*(a|b)$1 y"), "x [redacted] y");
});

Deno.test("very short secrets are not hidden, so that the log stays readable", () => {
  const redaction = createRedaction();
  for (const secret of ["", "a", "the"]) redaction.hide(secret, true);
  assertEquals(redaction.redact("the last word"), "the last word");
});

Deno.test("the latest tokens are hidden, old ones forgotten, the client's secret never", () => {
  const redaction = createRedaction();
  redaction.hide("client-secret", true);
  for (let number = 1000; number < 1100; number++) redaction.hide(`token-${number}`);
  const shown = redaction.redact("client-secret token-1099 token-1090 token-1000");
  assertEquals(shown, "[redacted] [redacted] [redacted] token-1000");
});

Deno.test("a secret that contains another is hidden whole", () => {
  const redaction = createRedaction();
  redaction.hide("inner", true);
  redaction.hide("outer-inner-more", true);
  const shown = redaction.redact("outer-inner-more and inner");
  assert(!shown.includes("outer-") && !shown.includes("-more"), shown);
});

Deno.test("a token is hidden in each form as well", () => {
  const redaction = createRedaction();
  redaction.hide("a+b/c==d");
  const shown = redaction.redact(`${encodeURIComponent("a+b/c==d")} a+b/c==d`);
  assertEquals(shown, "[redacted] [redacted]");
});

Deno.test("a JWT is redacted even if it was never registered as a secret", () => {
  const jwt = `${btoa('{"alg":"ES256"}').replace("=", "")}.eyJpc3MiOiJhIn0.c2lnbmF0dXJl-_`;
  const shown = createRedaction().redact(`assertion=${jwt}&x=1 Bearer%20${jwt}, {"dpop":"${jwt}"}`);
  assertEquals(shown, 'assertion=[redacted]&x=1 Bearer%20[redacted], {"dpop":"[redacted]"}');
});

Deno.test("text of a server becomes one line of limited length without control characters", () => {
  const { redact } = createRedaction();
  assertEquals(redact("a\n[OAuth] b\x1b[2Jc\x9bd\u202e"), "a [OAuth] b [2Jc d ");
  assert(redact("x".repeat(1_000_000)).length < 5_000);
});

Deno.test("function keys and signatures are recognized by their names", () => {
  const { redact } = createRedaction([["code", "function-key"], ["sig", "signed-url"]]);
  assertEquals(redact("code=function-key&sig=signed-url"), "code=[redacted]&sig=[redacted]");
});

Deno.test("a secret that is read again and again does not push out another", () => {
  const redaction = createRedaction();
  redaction.hide("the-token");
  for (let time = 0; time < 20; time++) redaction.hide("the-assertion");
  assertEquals(redaction.redact("the-token"), "[redacted]");
});

Deno.test("a megabyte of text that resembles JWTs is redacted in linear time", () => {
  const { redact } = createRedaction();
  for (const text of ["eyJ", "eyJ.", "eyJaaaaaaaaaa.", "a.", "-"]) {
    redact(text.repeat(1_000_000 / text.length)); // With a quadratic pattern this takes minutes.
  }
});

Deno.test("a JWT is hidden inside other text, and what only looks like one is not", () => {
  const { redact } = createRedaction();
  assertEquals(redact("token=%3DeyJhbGciOiJub25l.eyJzdWIi.sig, and"), "token=%3D[redacted], and");
  assertEquals(redact("file.eyJ.txt of a.b.c"), "file.eyJ.txt of a.b.c");
});

Deno.test("a secret is hidden in the encodings of other programs", () => {
  const secret = `p@ss/w<ö>rd"'&+=`;
  const { hide, redact } = createRedaction();
  hide(secret, true);
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [
    encodeURIComponent(secret).toLowerCase(),
    new URLSearchParams({ s: secret }).toString().slice(2).toLowerCase(),
    json.replaceAll("/", "\\/"),
    json.replace("ö", "\\u00f6"),
    "p@ss/w&lt;ö&gt;rd&quot;&#39;&amp;+=",
    "p@ss/w&lt;ö&gt;rd&#34;&#x27;&amp;+=",
  ];
  for (const form of forms) assertEquals(redact(`<${form}>`), "<[redacted]>");
});

Deno.test("a secret is hidden in base64, wherever it stands in the encoded text", () => {
  const secret = "swordfish??>>-1";
  const { hide, redact } = createRedaction();
  hide(secret, true);
  for (const before of ["", "i", "id", "id:", "a-longer-id:"]) {
    for (const after of ["", "&", "&x", "&x=1"]) {
      const text = btoa(before + secret + after);
      const url = text.replaceAll("+", "-").replaceAll("/", "_");
      for (const encoded of [text, url]) {
        const shown = redact(encoded);
        assert(shown.includes("[redacted]"), `${before}…${after}: ${shown}`);
        // No more is left of the secret than the bits that it shares with its neighbours.
        assert(shown.replace("[redacted]", "").length <= encoded.length - 18, shown);
      }
    }
  }
});

Deno.test("a token of a megabyte can be hidden", () => {
  const { hide, redact } = createRedaction();
  const token = "t0ken/".repeat(200_000);
  hide(token);
  assertEquals(redact(`Bearer ${token}`), "Bearer [redacted]");
});
