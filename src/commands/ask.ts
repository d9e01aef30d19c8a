import type { Runtime } from "../runtime/types.ts";
import { MAX_SECRET } from "../limits.ts";

/** Keys of a terminal that sends each key at once. */
const KEY = {
  interrupt: "\x03",
  endOfInput: "\x04",
  eraseLine: "\x15",
  erase: ["\x7f", "\b"],
  enter: ["\r", "\n"],
} as const;

/** Exit code after Ctrl-C. */
const INTERRUPTED = 130;

/** Asks the user for values, one line each. */
export interface Asker {
  /**
   * @param question what to ask for
   * @param hidden whether the terminal must not show what is typed
   * @throws {Error} if there is no answer
   */
  ask(question: string, hidden: boolean): Promise<string>;
}

/** Asks on the terminal; if stdin is not a terminal, reads one line of it for each question. */
export function createAsker(
  runtime: Pick<Runtime, "stdin" | "stdinIsTerminal" | "hideInput" | "writeStderr" | "exit">,
): Asker {
  const isTerminal = runtime.stdinIsTerminal();
  let characters: AsyncIterator<string> | undefined;

  async function line(isHidden: boolean): Promise<string | undefined> {
    characters ??= charactersOf(runtime.stdin());
    let text = "";
    for (;;) {
      const { value: character, done } = await characters.next();
      if (done || character === KEY.endOfInput) return text === "" ? undefined : text;
      if (isOneOf(KEY.enter, character)) return text;
      if (isHidden && character === KEY.interrupt) {
        runtime.hideInput(false);
        runtime.writeStderr("\n");
        runtime.exit(INTERRUPTED);
      } else if (isHidden && character === KEY.eraseLine) text = "";
      else if (isHidden && isOneOf(KEY.erase, character)) text = text.slice(0, -1);
      else text += character;
      if (text.length > MAX_SECRET) throw new Error("the answer on stdin is too long");
    }
  }

  return {
    async ask(question, hidden) {
      const isHidden = hidden && isTerminal;
      if (isHidden) runtime.hideInput(true);
      try {
        if (isTerminal) runtime.writeStderr(`${question}: `);
        const answer = await line(isHidden);
        if (isHidden) runtime.writeStderr("\n");
        if (answer !== undefined) return answer.trim();
      } finally {
        if (isHidden) runtime.hideInput(false);
      }
      throw new Error(
        `No value for: ${question}. Run the command on a terminal, or pipe the value to its stdin`,
      );
    },
  };
}

async function* charactersOf(
  input: ReturnType<Runtime["stdin"]>,
): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let previous = "";
  for await (const chunk of input) {
    for (const character of decoder.decode(chunk, { stream: true })) {
      // Both characters of a Windows line break end the same line.
      if (!(previous === "\r" && character === "\n")) yield character;
      previous = character;
    }
  }
  return undefined;
}

function isOneOf(characters: readonly string[], character: string): boolean {
  return characters.includes(character);
}
