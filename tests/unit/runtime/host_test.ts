import { assertEquals, assertRejects } from "@std/assert";
import { host } from "../../../src/runtime/host.ts";
import { withFolder } from "../../parts/run_command.ts";

const { replace } = host((name) => Deno.env.get(name));

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("replace creates a file and its folder, and keeps a copy of an older file", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/new/mcp.json`;
    assertEquals(await replace(path, "1"), undefined);
    assertEquals(await replace(path, "2"), `${path}.backup`);
    assertEquals(await replace(path, "3"), `${path}.backup-2`);
    assertEquals(namesIn(`${folder}/new`), ["mcp.json", "mcp.json.backup", "mcp.json.backup-2"]);
    assertEquals(await Deno.readTextFile(path), "3");
    assertEquals(await Deno.readTextFile(`${path}.backup-2`), "2");
  });
});

Deno.test({
  name: "replace keeps the mode of a file, and a symbolic link to it",
  ignore: Deno.build.os === "windows", // It has no modes, and links need a right of their own.
  async fn() {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/real.json`, "1", { mode: 0o640 });
      await Deno.symlink(`${folder}/real.json`, `${folder}/link.json`);
      await replace(`${folder}/link.json`, "2");
      assertEquals((await Deno.lstat(`${folder}/link.json`)).isSymlink, true);
      assertEquals(await Deno.readTextFile(`${folder}/real.json`), "2");
      assertEquals((await Deno.stat(`${folder}/real.json`)).mode! & 0o777, 0o640);
    });
  },
});

Deno.test("replace leaves no files if it fails", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/mcp.json`);
    await assertRejects(() => replace(`${folder}/mcp.json`, "1"), Error, "was not changed: ");
    assertEquals(namesIn(folder), ["mcp.json"]);
  });
});
