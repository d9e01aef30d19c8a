import { constants, createReadStream } from "node:fs";
import { access, chmod, copyFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { isatty } from "node:tty";
import { readBounded } from "./bounded_file.ts";
import { createFolder } from "./create_folder.ts";
import { fileError, whyUnusable } from "./file_errors.ts";
import type { Host } from "./types.ts";
import { CLIENT_FILE } from "../limits.ts";

const DESCRIPTORS = { stdout: 1, stderr: 2 };

const SYSTEMS: Readonly<Record<string, Host["os"]>> = { win32: "windows", darwin: "macos" };

/**
 * The user's machine, on Deno as on Node: both have these modules of Node's.
 *
 * @param env one environment variable
 */
export function host(env: (name: string) => string | undefined): Host {
  return {
    os: SYSTEMS[process.platform] ?? "linux",
    isTerminal: (stream) => isatty(DESCRIPTORS[stream]),
    columns: () => process.stdout.columns,
    // To ask the system itself takes a permission of its own under Deno.
    homeFolder: () => env(process.platform === "win32" ? "USERPROFILE" : "HOME") || homedir(),
    currentFolder: process.cwd,
    executable: () => process.execPath,
    setVariable: (name, value) => void (process.env[name] = value),
    readIfThere,
    replace,
    exists,
    addressesOf,
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  let bytes;
  try {
    bytes = await readBounded(() => Promise.resolve(createReadStream(path)), CLIENT_FILE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileError(path, "read", error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${path} is not UTF-8; it was not changed. Save it as UTF-8 and try again`);
  }
}

async function replace(path: string, text: string): Promise<string | undefined> {
  try {
    await createFolder(dirname(path));
    return await replaceFile(await realpath(path).catch(() => path), text);
  } catch (error) {
    throw new Error(`${path} was not changed: ${whyUnusable(error)}`, { cause: error });
  }
}

/** Writes a draft next to the file and moves it to the file's place. */
async function replaceFile(path: string, text: string): Promise<string | undefined> {
  const old = await stat(path).catch(() => undefined);
  if (old) await access(path, constants.W_OK);
  const draft = `${path}.${randomUUID()}`;
  let backup: string | undefined;
  try {
    await writeFile(draft, text, { flag: "wx" });
    if (old) {
      await chmod(draft, old.mode);
      backup = await backUp(path);
    }
    await rename(draft, path);
    return backup;
  } catch (error) {
    for (const rest of [draft, backup]) if (rest) await rm(rest, { force: true }).catch(() => {});
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false);
}

async function backUp(path: string): Promise<string> {
  for (let number = 1;; number++) {
    const backup = number === 1 ? `${path}.backup` : `${path}.backup-${number}`;
    try {
      await copyFile(path, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw fileError(backup, "written", error);
    }
  }
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
