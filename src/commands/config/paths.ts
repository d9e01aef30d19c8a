import type { Host } from "../../runtime/types.ts";

/** A path on this machine: `~` is the home folder, `%APPDATA%` Windows' folder of that name. */
export function expandPath(
  path: string,
  { os, homeFolder }: Pick<Host, "os" | "homeFolder">,
): string {
  const home = homeFolder();
  const expanded = path
    .replace(/^%APPDATA%/, () => `${home}/AppData/Roaming`)
    .replace(/^~/, () => home);
  return os === "windows" ? expanded.replaceAll("/", "\\") : expanded;
}
