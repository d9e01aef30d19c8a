import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { createFolder } from "../../../src/runtime/create_folder.ts";

const posix = { ignore: Deno.build.os === "windows" };

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("creates a folder with its parents, and leaves one that exists", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a", "b", "c");
    await createFolder(path, 0o700);
    await Deno.writeTextFile(join(path, "file"), "kept");
    await createFolder(path, 0o700);
    assertEquals(await Deno.readTextFile(join(path, "file")), "kept");
    if (!posix.ignore) {
      const modes = [join(folder, "a"), path].map((at) => Deno.statSync(at).mode! & 0o777);
      assertEquals(modes, [0o700, 0o700]);
    }
  }));

Deno.test("several processes may create the same folders at once", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a", "b", "c", "d");
    await Promise.all(Array.from({ length: 20 }, () => createFolder(path)));
    assertEquals(Deno.statSync(path).isDirectory, true);
  }));

Deno.test("a file in the folder's place, or in a parent's, is an error", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assertRejects(() => createFolder(file), Error, "EEXIST");
    await assertRejects(() => createFolder(join(file, "a", "b")), Error);
  }));

Deno.test({
  name: "ends with an error where the system creates no folders",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await assertRejects(() => createFolder("/proc/none/folder"), Error, "ENOENT");
  },
});
