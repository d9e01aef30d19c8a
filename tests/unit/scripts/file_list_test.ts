import { assertEquals, assertMatch } from "@std/assert";
import { fileList, firstSentence } from "../../../scripts/readme/files.ts";

const FACTORY = `/** A gate. It opens and closes. */
export interface Gate {
  open(): void;
}

/**
 * Creates a closed gate.
 *
 * @param width in metres
 */
export function createGate(width: number): Gate {`;

Deno.test("a file with documentation of its own is listed with the first sentence of it", () => {
  const own = `/** All gates of the house. None is open. */\n\nimport "./hinge.ts";\n\n`;
  assertEquals(firstSentence(own + FACTORY), "All gates of the house");
});

Deno.test("a file that creates something is listed with what that is", () => {
  assertEquals(firstSentence(FACTORY), "A gate");
});

Deno.test("another file is listed with what its first function does", () => {
  const source = `/** A width. */
export type Width = number;

/** Measures a gate. @returns metres */
export async function* widths(): AsyncGenerator<Width> {`;
  assertEquals(firstSentence(source), "Measures a gate");
});

Deno.test("every file of src is listed with a sentence about it", () => {
  for (const line of fileList("src").split("\n")) {
    if (line.startsWith("  ")) assertMatch(line, /^ {2}\w+\.ts: [^@ ].{5}/);
  }
});
