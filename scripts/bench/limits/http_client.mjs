import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** POST with node:http: content type and body of the answer. */
export function post(url, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method: "POST", headers }, (response) => {
      resolve({
        type: response.headers["content-type"],
        body: response,
        text: () => text(response),
      });
    });
    outgoing.on("error", reject);
    outgoing.setHeader("Content-Length", Buffer.byteLength(body));
    outgoing.end(body);
  });
}

function text(response) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.on("error", reject);
  });
}
