import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createFolder } from "./create_folder.ts";
import type { PrivateFiles, PrivateFolder } from "./types.ts";
import { MAX_CACHE_FILE } from "../limits.ts";

/** POSIX modes. On Windows the user's profile folder keeps others out. */
const OWNER_ONLY = { file: 0o600, folder: 0o700 };
/** The mode bits that let other users write. */
const OTHERS_WRITE = 0o022;

/**
 * Private files, on Deno and on Node: both have `node:fs`.
 *
 * @param os the system, by Deno's or by Node's name for it
 * @param env one environment variable
 */
export function privateFiles(
  os: string,
  env: (name: string) => string | undefined,
): PrivateFiles {
  const hasModes = os !== "windows" && os !== "win32";
  return {
    cacheFolder: () => cacheFolder(os, env),
    write: writePrivately,
    async folder(named) {
      // With a slash at its end, the system would follow a link.
      const path = join(dirname(named), basename(named));
      await createFolder(path, OWNER_ONLY.folder);
      await assertPrivate(path, hasModes);
      return privateFolder(path, hasModes);
    },
  };
}

function cacheFolder(
  os: string,
  env: (name: string) => string | undefined,
): string | undefined {
  if (os === "windows" || os === "win32") return env("LOCALAPPDATA");
  const home = env("HOME");
  if (os === "darwin") return home && join(home, "Library", "Caches");
  return env("XDG_CACHE_HOME") || (home && join(home, ".cache"));
}

function privateFolder(folder: string, hasModes: boolean): PrivateFolder {
  const at = (name: string) => join(folder, name);
  return {
    read: (name) => readPrivate(at(name), hasModes).catch(() => undefined),
    write: (name, text) => writePrivately(at(name), text),
    async create(name) {
      try {
        await (await open(at(name), "wx", OWNER_ONLY.file)).close();
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
      }
    },
    age: (name) =>
      lstat(at(name)).then(({ mtimeMs }) => Date.now() - mtimeMs).catch(() => undefined),
    remove: (name) => remove(at(name)),
  };
}

/** Throws if the folder is a link, belongs to another user, or lets other users write. */
async function assertPrivate(folder: string, hasModes: boolean): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory()) throw new Error("it is a symbolic link, not a folder");
  if (!hasModes) return;
  if (found.mode & OTHERS_WRITE) {
    throw new Error(
      "other users can write to it; run chmod 700, or name a folder that does not exist yet",
    );
  }
  if (found.uid !== await ownerOfNewFile(folder)) {
    throw new Error("it belongs to another user; name a folder that does not exist yet");
  }
}

/** This process's user. Deno tells it only with --allow-sys, but every file that we make has it. */
async function ownerOfNewFile(folder: string): Promise<number> {
  const path = join(folder, `${randomUUID()}.owner`);
  const file = await open(path, "wx", OWNER_ONLY.file);
  try {
    return (await file.stat()).uid;
  } finally {
    await file.close();
    await remove(path);
  }
}

/** The text of a regular file of our own. Opening neither follows a link nor waits for a FIFO's writer. */
async function readPrivate(path: string, hasModes: boolean): Promise<string> {
  const expected = await lstat(path);
  assertReadable(expected, hasModes);
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const opened = await file.stat();
    // Deno ignores O_NOFOLLOW, so the file may be another one by now.
    if (opened.ino !== expected.ino || opened.dev !== expected.dev) {
      throw new Error("the file was replaced");
    }
    const bytes = new Uint8Array(MAX_CACHE_FILE);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, MAX_CACHE_FILE - length, length);
      length += bytesRead;
      if (length >= MAX_CACHE_FILE) throw new Error("the file is too large");
      if (bytesRead === 0) return new TextDecoder().decode(bytes.subarray(0, length));
    }
  } finally {
    await file.close();
  }
}

function assertReadable(found: Stats, hasModes: boolean): void {
  if (!found.isFile()) throw new Error("not a regular file");
  if (found.size >= MAX_CACHE_FILE) throw new Error("the file is too large");
  if (hasModes && found.mode & OTHERS_WRITE) throw new Error("other users can write to the file");
}

/** Replaces a file in one step; creates its folder. */
async function writePrivately(path: string, text: string): Promise<void> {
  await createFolder(dirname(path), OWNER_ONLY.folder);
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: OWNER_ONLY.file, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await remove(draft);
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}
