/** A page of the documentation. */
export interface Page {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface CodeBlock {
  /** What stands behind the fence. */
  readonly language: string;
  readonly code: string;
}

const FOLDERS = [".", "docs"];

/** Every page. */
export async function pages(): Promise<Page[]> {
  const found: Page[] = [];
  for (const folder of FOLDERS) {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || !name.endsWith(".md")) continue;
      const path = folder === "." ? name : `${folder}/${name}`;
      found.push({ path, text: await Deno.readTextFile(path) });
    }
  }
  return found.sort((one, other) => one.path < other.path ? -1 : 1);
}

/** The blocks of code of a page. */
export function codeBlocks({ text }: Page): CodeBlock[] {
  return [...text.matchAll(/^```(\w*)[^\n]*\n([^]*?)^```$/gm)]
    .map(([, language, code]) => ({ language, code }));
}

/** The places that a page links to. */
export function links(page: Page): string[] {
  return [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(page: Page): string[] {
  return [...withoutCode(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-")
  );
}

function withoutCode({ text }: Page): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}
