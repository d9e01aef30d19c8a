import { assert, assertEquals } from "@std/assert";
import { nodeHttp } from "../../../../src/runtime/node/http.ts";
import { createAuthority } from "../../../parts/certificates.ts";
import { openBody } from "../../../parts/scripted_answers.ts";
import { startScriptedServer } from "../../../parts/scripted_server.ts";
import { probesTo } from "../../../parts/tcp_probes.ts";
import { startTlsFront } from "../../../parts/tls_front.ts";

for (const scheme of ["http", "https"]) {
  Deno.test({
    name: `on Node, TCP probes an ${scheme} server after 30 s of silence while a request waits`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const authority = await createAuthority();
      const identity = await authority.issue("127.0.0.1");
      const stream = openBody();
      await using server = await startScriptedServer({ "/stream": () => stream.response });
      await using front = await startTlsFront(server.url, { identity });
      const http = nodeHttp({ ca: authority.cert });
      const url = new URL("/stream", server.url);
      if (scheme === "https") Object.assign(url, { protocol: "https:", port: front.port });
      const response = await http({ method: "GET", url: url.href, headers: {} });
      const probes = await probesTo(Number(url.port));
      assertEquals(probes.length, 1);
      assert(probes[0] <= 30_000, `${probes[0]} ms`);
      stream.end();
      await response.text();
    },
  });
}
