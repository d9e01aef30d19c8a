import { assertEquals, assertThrows } from "@std/assert";
import { withoutTable, withTable } from "../../../../src/commands/config/toml.ts";

const ENTRY = { command: "npx", args: ["-y", "x"], env: { MCP_SCOPE: "1" } };
const PATH = ["mcp_servers", "mine"] as const;
const TABLE = `[mcp_servers.mine]
command = "npx"
args = ["-y", "x"]

[mcp_servers.mine.env]
MCP_SCOPE = "1"
`;
const OTHERS = `# my settings
model = "o9" # the best one

[mcp_servers.other] # keep
command = 'x'

# about the profile
[profiles.fast]
limit = 1_000
`;

function write(text: string): string {
  return withTable(text, PATH, ENTRY, false);
}

Deno.test("an empty TOML file gets the table", () => {
  assertEquals(write(""), TABLE);
});

Deno.test("a table is added at the end, and everything else stays as it is", () => {
  assertEquals(write(OTHERS), `${OTHERS}\n${TABLE}`);
});

Deno.test("a table is removed with the tables in it, and comments of the next table stay", () => {
  const [before, after] = OTHERS.split(/(?=# about)/);
  assertEquals(withoutTable(`${before}${TABLE}\n${after}`, PATH), OTHERS);
  assertEquals(withoutTable(TABLE, PATH), "");
  assertEquals(withoutTable(OTHERS, PATH), OTHERS);
});

Deno.test("the members that start the proxy are changed at their place", () => {
  const [before, after] = OTHERS.split(/(?=# about)/);
  const old = TABLE.replace("npx", "deno").replace('"1"', '"3"\nMCP_RESOURCE = "2"');
  assertEquals(write(`${before}${old}\n${after}`), `${before}${TABLE}\n${after}`);
});

Deno.test("comments, other settings, other variables and other tables of an entry stay", () => {
  const old = `[mcp_servers.mine] # mine
startup_timeout_sec = 30 # slow "network"
command = "deno" # was "npx"
args = [
  "run", # everything
]
# the secret's
env_vars = ["MCP_CLIENT_SECRET", "HOME"]

[mcp_servers.mine.env]
MCP_RESOURCE = "2"
HTTPS_PROXY = "http://proxy.example.com" # the company's

[mcp_servers.mine.tools.add]
approval_mode = "approve"
`;
  assertEquals(
    write(old),
    `[mcp_servers.mine] # mine
startup_timeout_sec = 30 # slow "network"
command = "npx" # was "npx"
args = ["-y", "x"]
# the secret's
env_vars = ["HOME"]

[mcp_servers.mine.env]
HTTPS_PROXY = "http://proxy.example.com" # the company's
MCP_SCOPE = "1"

[mcp_servers.mine.tools.add]
approval_mode = "approve"
`,
  );
});

Deno.test("variables in one line are changed, and missing tables are added", () => {
  const inline = `[mcp_servers.mine]\nenv = { MCP_SCOPE = "0", A = "1" }\ncommand = "x"`;
  assertEquals(
    write(inline),
    `[mcp_servers.mine]
env = { A = "1", MCP_SCOPE = "1" }
command = "npx"
args = ["-y", "x"]
`,
  );
  assertEquals(write(`[mcp_servers.mine]\ncommand = "x"\n`), TABLE);
});

Deno.test("an entry that is replaced keeps nothing", () => {
  const old = `[mcp_servers.mine]\ncommand = "other" # mine\nstartup_timeout_sec = 30\n`;
  assertEquals(withTable(old, PATH, ENTRY, true), TABLE);
});

Deno.test("a table that has the same values in another form stays as it is", () => {
  const same =
    `[mcp_servers."mine"] # mine\nargs = ["-y", 'x']\ncommand = "npx"\nenv.MCP_SCOPE = '1'\n`;
  assertEquals(write(same), same);
});

Deno.test("line breaks of Windows are kept", () => {
  const windows = OTHERS.replaceAll("\n", "\r\n");
  assertEquals(write(windows), `${OTHERS}\n${TABLE}`.replaceAll("\n", "\r\n"));
});

for (
  const [form, text] of [
    ["an inline table", 'mcp_servers = { mine = { command = "x" } }\n'],
    ["dotted keys", 'mcp_servers.mine.command = "x"\n'],
    ["a table of the parent", '[mcp_servers]\nmine = { command = "x" }\n'],
    ["tables in two places", '[mcp_servers.mine]\n[other]\n[mcp_servers.mine.env]\nA = "2"\n'],
    ["a header in a text", 'a = """\n[mcp_servers.mine]\n"""\n[mcp_servers.mine.env]\nA = "2"\n'],
    ["a file that is not TOML", "[mcp_servers\n"],
  ]
) {
  Deno.test(`what cannot be edited with certainty is refused: ${form}`, () => {
    assertThrows(() => write(text), Error);
    if (form !== "a header in a text") assertThrows(() => withoutTable(text, PATH), Error);
  });
}
