import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Creates a folder if it does not exist, with its parents. It does so one folder at a time: where
 * folders cannot be created, as in `/proc`, the `recursive` option of Node 20 to 24 never returns.
 *
 * @param mode the POSIX mode of the folders that are created
 * @throws {Error} the system's error, if a folder cannot be created, or is a file
 */
export async function createFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) return await createInParent(path, mode);
    if (!await isFolder(path)) throw error;
  }
}

async function createInParent(path: string, mode?: number): Promise<void> {
  try {
    await createFolder(dirname(path), mode);
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    // Deno creates parents that it may not write to, but only together with the folder.
    await mkdir(path, { recursive: true, mode });
    return;
  }
  await mkdir(path, { mode }).catch(async (error) => {
    if (!await isFolder(path)) throw error; // Another process may have created it meanwhile.
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}
