import type * as OidcProvider from "oidc-provider/types";

// oidc-provider warns on every runtime but Node that it is not supported there. What we use of it is
// covered by authorization_server_test.ts, and the demo prints for people.
const { warn } = console;
console.warn = () => {};
export const { Provider, errors } = await import("oidc-provider") as typeof OidcProvider;
console.warn = warn;
