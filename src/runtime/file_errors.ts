import { messageOf } from "../errors.ts";

/** Why a file cannot be used, by the error codes of the system. */
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "file not found"],
  ["ENOTDIR", "a part of its path is not a folder"],
  ["EEXIST", "a file of that name exists already"],
  ["EISDIR", "it is a folder"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
  ["EMFILE", "too many files are open"],
  ["ENAMETOOLONG", "its path is too long"],
  ["ELOOP", "too many symbolic links"],
  ["EBUSY", "another program uses it"],
]);

/** Why a file cannot be used, in a few words. They do not repeat its path if the system says why. */
export function whyUnusable(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  // Deno's word for what --allow-read and --allow-write do not include.
  if (name === "NotCapable") return "Deno's permissions do not include it";
  return REASONS.get(code) ?? code ?? messageOf(error);
}

/** The error about a file that cannot be read, written or copied. */
export function fileError(path: string, verb: string, cause: unknown): Error {
  return new Error(`${path} cannot be ${verb}: ${whyUnusable(cause)}`, { cause });
}
