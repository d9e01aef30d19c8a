import { table } from "./sections.ts";

/** The files of tests/attacks in the order of the page, by what they are about. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "Who gets the secret": [
    "scopes",
    "metadata_urls",
    "permissions",
    "misplaced_secrets",
  ],
  "Input that stops the program or fills its memory": [
    "patterns",
    "malformed_results",
    "answers",
    "floods",
    "endless_files",
  ],
  "What other people can see": [
    "redaction",
    "terminal",
    "token_cache",
    "headers",
    "prototype_names",
  ],
};

/** An attack whose test stands next to others of its kind. */
interface Elsewhere {
  readonly path: string;
  readonly row: readonly [tried: string, happens: string];
}

const ELSEWHERE: Readonly<Record<string, readonly Elsewhere[]>> = {
  "Who gets the secret": [
    {
      path: "tests/unit/auth/from_settings_test.ts",
      row: [
        "A server names an authorization server of another origin, and `MCP_AUTH_ISSUER` is not set",
        "it gets the secret; one warning names it and the setting that pins it",
      ],
    },
    {
      path: "tests/integration/auth_discovery_test.ts",
      row: [
        "A server names another authorization server than `MCP_AUTH_ISSUER`",
        "nothing is sent there",
      ],
    },
    {
      path: "tests/unit/auth/from_settings_test.ts",
      row: [
        "A server asks for a token and publishes no metadata",
        "the secret is sent to nobody; the error names the settings",
      ],
    },
    {
      path: "tests/integration/network_tls_test.ts",
      row: ["`NODE_TLS_REJECT_UNAUTHORIZED=0` is set", "certificates are checked"],
    },
  ],
  "Input that stops the program or fills its memory": [
    {
      path: "tests/memory/client_floods_test.ts",
      row: ["A client sends 300 MB to a slow server", "memory is bounded; the client has to wait"],
    },
    {
      path: "tests/integration/life_test.ts",
      row: [
        "SIGTERM, SIGINT or SIGHUP arrives during a call",
        "the call is cancelled, the session is ended, and the last log line is written",
      ],
    },
  ],
  "What other people can see": [
    {
      path: "tests/unit/log/fault_test.ts",
      row: [
        "Something makes the program itself fail",
        "the request gets an error with the reason `internal`, and the log has the stack once",
      ],
    },
  ],
};

/** `"A did B: C happens"` at the places where tests are named. */
const TITLE = /(?:Test\(|\.test\(|\bname:)\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** The tables of what was tried and what happens, from the names of the tests. */
export function attacksTables(): string {
  checkFiles();
  const parts = Object.entries(FILES).map(([subject, files]) => {
    const elsewhere = (ELSEWHERE[subject] ?? []).map(checked);
    const here = files.flatMap(rowsOf);
    const rows = [...elsewhere, ...here];
    return `### ${subject}\n\n${table(["What was tried", "What happens"], rows)}`;
  });
  return parts.join("\n");
}

function rowsOf(file: string): (readonly string[])[] {
  const text = Deno.readTextFileSync(`tests/attacks/${file}_test.ts`);
  const titles = [...text.matchAll(TITLE)].map(([, plain, template]) => plain ?? template)
    .map((title) => title.replaceAll("\\`", "`").replace(/ \([^()]*\$\{.*\)$/, ""));
  const rows = [...new Set(titles)].map((title) => title.split(/: (.*)/))
    .filter(([, happens]) => happens !== undefined);
  if (rows.length === 0) throw new Error(`${file}_test.ts has no title with ": "`);
  return rows.map(([tried, happens]) => [tried, happens]);
}

/** The row of a test whose file still exists. */
function checked({ path, row }: Elsewhere): readonly string[] {
  Deno.statSync(path);
  return row;
}

/** No file may be left out. */
function checkFiles(): void {
  const known = new Set(Object.values(FILES).flat());
  for (const { name } of Deno.readDirSync("tests/attacks")) {
    const file = name.replace("_test.ts", "");
    if (!known.has(file)) throw new Error(`scripts/readme/attacks.ts does not list ${name}`);
  }
}
