/** POST with the runtime's fetch: content type and body of the answer. */
export async function post(url, headers, body) {
  const response = await fetch(url, { method: "POST", headers, body });
  const type = response.headers.get("Content-Type");
  return { type, body: response.body, text: () => response.text() };
}
