import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** POST with node:http: content type and body of the answer. */
export function post(url, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent, method: "POST", headers },
      (response) => resolve({ type: response.headers["content-type"], body: response }),
    );
    outgoing.on("error", reject);
    outgoing.setHeader("Content-Length", Buffer.byteLength(body));
    outgoing.end(body);
  });
}
