import { assertEquals, assertThrows } from "@std/assert";
import { withTable } from "../../../../src/commands/config/toml.ts";

const PATH = ["mcp_servers", "mine"] as const;
const TABLE = `[mcp_servers.mine]
command = "npx"
args = ["-y", "x"]

[mcp_servers.mine.env]
A = "1"
`;
const OTHERS = `# my settings
model = "o9" # the best one

[mcp_servers.other] # keep
command = 'x'

# about the profile
[profiles.fast]
limit = 1_000
`;

Deno.test("an empty TOML file gets the table", () => {
  assertEquals(withTable("", PATH, TABLE), TABLE);
});

Deno.test("a table is added at the end, and everything else stays as it is", () => {
  assertEquals(withTable(OTHERS, PATH, TABLE), `${OTHERS}\n${TABLE}`);
});

Deno.test("a table is removed with the tables in it, and comments of the next table stay", () => {
  const [before, after] = OTHERS.split(/(?=# about)/);
  assertEquals(withTable(`${before}${TABLE}\n${after}`, PATH), OTHERS);
  assertEquals(withTable(TABLE, PATH), "");
  assertEquals(withTable(OTHERS, PATH), OTHERS);
});

Deno.test("a table is replaced at its place", () => {
  const [before, after] = OTHERS.split(/(?=# about)/);
  const old = TABLE.replace("npx", "deno").replace('A = "1"', 'B = "2"\nC = "3"');
  assertEquals(
    withTable(`${before}${old}\n${after}`, PATH, TABLE),
    `${before}${TABLE}\n${after}`,
  );
});

Deno.test("a table that has the same values in another form stays as it is", () => {
  const same = `[mcp_servers."mine"] # mine\nargs = ["-y", 'x']\ncommand = "npx"\nenv.A = '1'\n`;
  assertEquals(withTable(same, PATH, TABLE), same);
});

Deno.test("line breaks of Windows are kept", () => {
  const windows = OTHERS.replaceAll("\n", "\r\n");
  assertEquals(withTable(windows, PATH, TABLE), `${OTHERS}\n${TABLE}`.replaceAll("\n", "\r\n"));
});

for (
  const [what, text, message] of [
    ["comment", TABLE.replace('A = "1"', '# mine\nA = "2"'), "comments"],
    ["comment after a value", TABLE.replace('"npx"', '"deno" # mine'), "comments"],
    ["setting", TABLE.replace("args", "startup_timeout_sec = 30\nargs"), "startup_timeout_sec"],
    ["table", TABLE.replace("1", "2") + "[mcp_servers.mine.tools.x]\na = 1", "tools"],
  ]
) {
  Deno.test(`a table in which the user has added a ${what} is not replaced`, () => {
    assertThrows(() => withTable(text, PATH, TABLE.replace("-y", "-n")), SyntaxError, message);
  });
}

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
    assertThrows(() => withTable(text, PATH, TABLE), Error);
    if (form !== "a header in a text") assertThrows(() => withTable(text, PATH), Error);
  });
}
