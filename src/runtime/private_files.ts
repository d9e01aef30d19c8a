import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PrivateFiles } from "./types.ts";

/** Modes of POSIX. On Windows the user's profile folder is what keeps others out. */
const OWNER_ONLY = { file: 0o600, folder: 0o700 };

/**
 * Private files, on Deno as on Node: both have `node:fs`.
 *
 * @param os the system, by Deno's or by Node's name for it
 * @param env one environment variable
 */
export function privateFiles(
  os: string,
  env: (name: string) => string | undefined,
): PrivateFiles {
  return { cacheFolder: () => cacheFolder(os, env), read, write, create, age, remove };
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

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

async function write(path: string, text: string): Promise<void> {
  await makeFolder(path);
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: OWNER_ONLY.file, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await remove(draft);
    throw error;
  }
}

async function create(path: string): Promise<boolean> {
  await makeFolder(path);
  try {
    await (await open(path, "wx", OWNER_ONLY.file)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function age(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => {});
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY.folder });
}
