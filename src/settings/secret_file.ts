import { messageOf, rethrowFault } from "../errors.ts";
import { withoutMarks } from "../json/text.ts";

/** The byte order mark of UTF-16, which Windows PowerShell writes, read as UTF-8. */
const UTF_16_MARK = "\ufffd\ufffd";

/** Reads a file that a setting names. */
export async function readSettingFile(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<string> {
  const text = withoutMarks(await readFile(path));
  if (!text) throw new Error(`${path} is empty`);
  if (text.startsWith(UTF_16_MARK)) throw new Error(`${path} is UTF-16; save it as UTF-8`);
  return text;
}

/**
 * Reads a file that contains a secret. An error does not repeat the path of a file that cannot be
 * read: it may be the secret itself, put into the wrong setting.
 */
export async function readSecretFile(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<string> {
  return await readSettingFile(path, (path) =>
    readFile(path).catch((error) => {
      rethrowFault(error);
      const problem = messageOf(error).replaceAll(path, "the file");
      throw new Error(`${problem}; ${pathAdvice(path)}`, { cause: error });
    }));
}

/** What to do about a path of a file that cannot be read. */
function pathAdvice(path: string): string {
  if (path.startsWith("~")) return "~ is not expanded, so use the absolute path";
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
  return `the setting needs ${isAbsolute ? "the" : "the absolute"} path of a file that contains ` +
    "the secret, and not the secret";
}
