import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseMessage } from "../../src/json/jsonrpc.ts";
import { metadataHeaders } from "../../src/mcp/request_metadata.ts";
import { importPrivateKey } from "../../src/settings/private_key.ts";
import { headerLines } from "../../src/settings/values.ts";
import { runCommand } from "../parts/run_command.ts";
import { jsonText, sse } from "../parts/scripted_answers.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

/** Names that every object of JavaScript has. */
const NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty"];

for (const name of NAMES) {
  Deno.test(`A token endpoint answers with an error that is the name of a JavaScript member: the message shows only this word (${name})`, async () => {
    await using server = await startScriptedServer({
      token: () => Response.json({ error: name }, { status: 400 }),
    });
    const { code, stdout, stderr } = await runCommand(["call", "ping"], { env: server.env });
    assertEquals(code, 1);
    assertStringIncludes(stdout, name);
    assert(!/function |native code|\[object/.test(stdout + stderr), stdout + stderr);
  });

  Deno.test(`A server names a content coding that is the name of a JavaScript member: the body is read as it is (${name})`, async () => {
    await using server = await startScriptedServer({
      ping: ({ message: { id } }) =>
        jsonText(`{"jsonrpc":"2.0","id":${id},"result":{}}`, {
          headers: { "content-encoding": name },
        }),
    });
    const { code, stdout, stderr } = await runCommand(["call", "ping"], { env: server.env });
    assertEquals([code, stdout], [0, "{}\n"], stderr);
  });

  Deno.test(`A server calls a method that is the name of a JavaScript member: it gets an error (${name})`, async () => {
    await using server = await startScriptedServer({
      "tools/call": (request) =>
        sse(
          { jsonrpc: "2.0", id: "s", method: name },
          { jsonrpc: "2.0", id: request.message.id, result: { content: [] } },
        ),
    });
    const { code } = await runCommand(["call", "tool"], { env: server.env });
    assertEquals(code, 0);
    const [response] = server.received("response");
    assertEquals(response.message.error.code, -32601);
  });

  Deno.test(`A client calls a method that is the name of a JavaScript member: no header names its parameter (${name})`, () => {
    const params = { [name]: "secret", _meta: {} };
    const message = parseMessage(JSON.stringify({ jsonrpc: "2.0", id: 1, method: name, params }));
    assertEquals(metadataHeaders(message)["mcp-name"], undefined);
  });

  Deno.test(`A key names an algorithm that is the name of a JavaScript member: it is not supported (${name})`, async () => {
    const jwk = JSON.stringify({ kty: "RSA", d: "AQAB", alg: name });
    await assertRejects(() => importPrivateKey(jwk), Error, "is not a supported");
  });

  Deno.test(`A header has the name of a JavaScript member: it is sent (${name})`, () => {
    assertEquals(Object.entries(headerLines(`${name}: x`)), [[name, "x"]]);
  });
}
