import { constants } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { lookup } from "node:dns/promises";
import { homedir } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { isatty } from "node:tty";
import type { Host } from "./types.ts";

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
    setVariable: (name, value) => void (process.env[name] = value),
    readIfThere,
    write,
    backUp,
    addressesOf,
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  let bytes;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${path} is not UTF-8; it was not changed. Save it as UTF-8 and try again`);
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function backUp(path: string): Promise<string> {
  for (let number = 1;; number++) {
    const backup = number === 1 ? `${path}.backup` : `${path}.backup-${number}`;
    try {
      await copyFile(path, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
