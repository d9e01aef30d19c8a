import { assertEquals, assertStringIncludes } from "@std/assert";
import { npmPackage, runToEnd } from "./npm_package.ts";

const PROGRAM = `
import { OAuthProxy, type OAuthProxyOptions, SettingsError } from "mcp-oauth-proxy";

const options: OAuthProxyOptions = {
  clientId: "id",
  clientSecret: "secret",
  authServerUrl: "https://auth.example/token",
  mcpServerUrl: "https://mcp.example/mcp",
};
const proxy = new OAuthProxy(options);
export const started: Promise<void> = proxy.start().catch((error) => {
  if (error instanceof SettingsError) console.error(error.problems.join("\\n"));
});
`;

/** The ways in which a TypeScript project finds the types of a package. */
const RESOLUTIONS = {
  "nodenext, from an ES module": {
    file: "program.mts",
    options: ["--module", "nodenext", "--moduleResolution", "nodenext"],
  },
  "nodenext, from CommonJS": {
    file: "program.cts",
    options: ["--module", "nodenext", "--moduleResolution", "nodenext"],
  },
  "bundler": {
    file: "program.ts",
    options: ["--module", "esnext", "--moduleResolution", "bundler"],
  },
};

/** Type checks a program that stands beside the installed package. */
async function compile(file: string, program: string, options: string[]) {
  const path = `${npmPackage.project}/${file}`;
  await Deno.writeTextFile(path, program);
  const strict = ["--noEmit", "--strict", "--target", "es2022"];
  const args = ["run", "-A", "npm:typescript@^5.9.3/tsc", ...strict, ...options, path];
  return await runToEnd(Deno.execPath(), args);
}

for (const [name, { file, options }] of Object.entries(RESOLUTIONS)) {
  Deno.test(`a TypeScript project finds the types: ${name}`, async () => {
    const { code, stdout } = await compile(file, PROGRAM, options);
    assertEquals({ code, stdout }, { code: 0, stdout: "" });
  });
}

Deno.test("a TypeScript project gets an error for an option of the wrong type", async () => {
  const program = PROGRAM.replace('clientId: "id"', "clientId: 1");
  const { stdout } = await compile("wrong.mts", program, RESOLUTIONS.bundler.options);
  assertStringIncludes(stdout, "Type 'number' is not assignable to type 'string'");
});
