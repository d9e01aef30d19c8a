import type { Host } from "../../runtime/types.ts";

/** The path that a place of the table of clients is on this machine. */
export function placeOf(
  place: string,
  { os, homeFolder }: Pick<Host, "os" | "homeFolder">,
): string {
  const home = homeFolder();
  const path = place
    .replace(/^%APPDATA%/, () => `${home}/AppData/Roaming`)
    .replace(/^~/, () => home);
  return os === "windows" ? path.replaceAll("/", "\\") : path;
}
