import { assert, assertEquals } from "@std/assert";
import { call, initialize, result, withProxy } from "../parts/scripted_proxy.ts";
import { chunked, event, jsonText } from "../parts/scripted_answers.ts";
import type { ScriptedRequest } from "../parts/scripted_server.ts";

// Text passes as text: what parsing and writing would change is in these.

/** Numbers, order, spaces, escapes, repeated and unknown members that JSON.parse would not keep. */
const AWKWARD_VALUES =
  '{"big":9007199254740993,"huge":123456789012345678901234567890,"one":1.0,"exp":1E400,"neg":-0,' +
  '"z":1, "a" : 2,"a":3,"10":"ten","9":"nine","esc":"\\u00e9\\/\\ud800","__proto__":{"x":1}}';

const awkwardCall =
  `{"method":"tools/call","params":${AWKWARD_VALUES},"id":1,"jsonrpc":"2.0","x":null}`;
const awkwardResult = `{"result":${AWKWARD_VALUES},"x":[],"id":1,"jsonrpc":"2.0"}`;

const isCall = ({ name }: ScriptedRequest) => name === "tools/call";

/** Every byte in a chunk of its own. */
function byteByByte(text: string): Uint8Array<ArrayBuffer>[] {
  return [...new TextEncoder().encode(text)].map((byte) => Uint8Array.of(byte));
}

Deno.test("a request reaches the server byte for byte as the client wrote it", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(awkwardCall);
    assertEquals((await server.requests.until(isCall)).body, awkwardCall);
  }));

Deno.test("the client's answer to the server is sent byte for byte as it was written", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(awkwardResult);
    const { body } = await server.requests.until(({ name }) => name === "response");
    assertEquals(body, awkwardResult);
  }));

Deno.test("a JSON answer is relayed byte for byte as the server wrote it", () =>
  withProxy({ "tools/call": () => jsonText(awkwardResult) }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).text, awkwardResult);
  }));

Deno.test("a message of an SSE stream is relayed byte for byte as the server wrote it", () =>
  withProxy({ "tools/call": () => chunked([`data: ${awkwardResult}\n\n`]) }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).text, awkwardResult);
  }));

Deno.test("the initialize request and its answer are relayed unchanged too", () => {
  const answer =
    '{"jsonrpc":"2.0","id":"initialize","result":{"protocolVersion":"2025-11-25","v":1.0}}';
  const { id, ...rest } = initialize();
  const request = JSON.stringify({ ...rest, big: 0, id }).replace(
    '"big":0',
    '"big":9007199254740993',
  );
  return withProxy({ initialize: () => jsonText(answer) }, async ({ proxy, server }) => {
    await proxy.send(request);
    assertEquals((await proxy.next()).text, answer);
    assertEquals(server.received("initialize").map(({ body }) => body), [request]);
  }, { revision: null });
});

for (const lineBreak of ["\n", "\r\n"]) {
  Deno.test(`a pretty-printed answer with ${JSON.stringify(lineBreak)} is written as one line`, () => {
    const pretty = [
      "{",
      '  "jsonrpc": "2.0",',
      '  "id": 1,',
      '  "result": { "one": 1.0, "text": "two\\nlines" }',
      "}",
      "",
    ];
    const answers = [
      jsonText(pretty.join(lineBreak)),
      chunked([...pretty.map((line) => `data: ${line}${lineBreak}`), lineBreak]),
    ];
    return withProxy({ "tools/call": () => answers.shift()! }, async ({ proxy }) => {
      for (const _ of [...answers]) {
        await proxy.send(call(1));
        const { text } = await proxy.next();
        assertEquals(
          text,
          '{  "jsonrpc": "2.0",  "id": 1,  "result": { "one": 1.0, "text": "two\\nlines" }}',
        );
      }
    });
  });
}

Deno.test("lines that end with CRLF, blank lines and spaces around a message are accepted", () =>
  withProxy({}, async ({ proxy, server }) => {
    const lines = [
      "",
      "\r",
      "  ",
      JSON.stringify(call(1)) + "\r",
      "\t",
      ` ${JSON.stringify(call(2))} `,
    ];
    await proxy.send(lines.join("\n"));
    for (const id of [1, 2]) assertEquals((await proxy.response(id)).message, result(id));
    assertEquals(
      server.received("tools/call").map(({ body }) => body).sort(),
      [call(1), call(2)].map((message) => JSON.stringify(message)),
    );
    assertEquals(proxy.lines.length, 3);
  }));

Deno.test("a byte order mark before the first line or an answer is accepted", () => {
  const answers = [
    jsonText("\ufeff" + JSON.stringify(result(1))),
    chunked(["\ufeff", event(result(1))]),
  ];
  return withProxy({ "tools/call": () => answers.shift()! }, async ({ proxy }) => {
    await proxy.send("\ufeff" + JSON.stringify(initialize()));
    await proxy.response("initialize");
    for (const _ of [...answers]) {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).text, JSON.stringify(result(1)));
    }
  }, { revision: null });
});

Deno.test("a last line without a line break is a message too", () =>
  withProxy({}, async ({ proxy }) => {
    await proxy.sendBytes(new TextEncoder().encode(JSON.stringify(call(1))));
    await proxy.closeStdin();
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals((await proxy.status).code, 0);
  }));

/** Two, three and four bytes in UTF-8, and characters that some take for line breaks. */
const TEXTS = [
  "Grüße",
  "世界",
  "🎉👩‍👩‍👧",
  "\u2028 \u2029 \u0085 \v \f",
  "\ufeff",
  "\u0000".padEnd(3, "\u001f"),
];

Deno.test("all characters are relayed in both directions, wherever their bytes are cut", () =>
  withProxy({
    "tools/call": ({ message, body }) => {
      const { arguments: { text, stream } } = message.params;
      assert(body.includes(JSON.stringify(text)));
      const answer = JSON.stringify(result(message.id, { text }));
      return stream
        ? chunked(byteByByte(`data: ${answer}\r\n\r\n`))
        : chunked(byteByByte(answer), { headers: { "content-type": "application/json" } });
    },
  }, async ({ proxy }) => {
    for (const [id, text] of TEXTS.entries()) {
      for (const stream of [false, true]) {
        for (const bytes of byteByByte(JSON.stringify(call(id, "echo", { text, stream })) + "\n")) {
          await proxy.sendBytes(bytes);
        }
        // Only these two are escaped: some clients take them for line ends.
        const expected = JSON.stringify(result(id, { text }))
          .replaceAll("\u2028", "\\u2028")
          .replaceAll("\u2029", "\\u2029");
        assertEquals((await proxy.next()).text, expected);
      }
    }
  }));

for (const type of ["text/plain; charset=utf-8", "text/html", "application/octet-stream"]) {
  Deno.test(`a JSON answer with the media type ${type} is accepted, as in version 1`, () => {
    const answer = ` ${awkwardResult}\n`;
    return withProxy({
      "tools/call": () => jsonText(answer, { headers: { "content-type": type } }),
    }, async ({ proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).text, awkwardResult);
    });
  });
}

Deno.test("an answer that the server compresses, asked to or not, is relayed uncompressed", () => {
  const zipped = (text: string, type: string) =>
    new Response(
      new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
      { headers: { "content-type": type, "content-encoding": "gzip" } },
    );
  return withProxy({
    "tools/call": ({ message }) =>
      message.id === 1
        ? zipped(awkwardResult, "application/json")
        : zipped(event({ jsonrpc: "2.0", id: 2, result: {} }), "text/event-stream"),
    "notifications/progress": () =>
      new Response(null, { status: 202, headers: { "content-encoding": "gzip" } }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).text, awkwardResult);
    await proxy.send(call(2));
    assertEquals((await proxy.response(2)).message.result, {});
    await proxy.send({ jsonrpc: "2.0", method: "notifications/progress" });
    await server.requests.until(({ name }) => name === "notifications/progress");
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assert(!proxy.stderr.includes("not accepted"), proxy.stderr);
  });
});

Deno.test("long messages in flight at the same time are not mixed up, and servers get their length", () =>
  withProxy({
    "tools/call": ({ message, body, headers }) => {
      assertEquals(headers["content-length"], String(new TextEncoder().encode(body).length));
      const text = JSON.stringify(result(message.id, message.params.arguments));
      const pieces = text.match(/.{1,70000}/gs)!;
      return chunked(pieces, { headers: { "content-type": "application/json" } });
    },
  }, async ({ proxy }) => {
    const texts = ["é", "世", "🎉", ""].map((character) => character.repeat(1 << 19));
    const calls = texts.map((text, id) => JSON.stringify(call(id, "echo", { text })));
    await proxy.send(calls.join("\n"));
    for (const [id, text] of texts.entries()) {
      assert((await proxy.response(id)).text === JSON.stringify(result(id, { text })));
    }
  }));
