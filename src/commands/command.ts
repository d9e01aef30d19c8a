import type { Runtime } from "../runtime/types.ts";
import type { Setting, Settings, SettingsSource } from "../settings/settings.ts";

/** One row of the table of commands. */
export interface Command {
  /** The word that asks for it. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly meaning: string;
  /** What may stand behind its name. */
  readonly operands: readonly Operand[];
  /** Its own options, beside those of the settings. */
  readonly options: readonly Option[];
  /** Loads the code, which the proxy itself does without. */
  readonly load: () => Promise<CommandModule>;
}

/** A word behind a command's name. */
export interface Operand {
  /** What it is called in the usage line. */
  readonly name: string;
  /** Whether it may be left out. */
  readonly optional?: true;
  /** The words it can be. */
  readonly values?: readonly string[];
}

/** An option of a command. */
export interface Option {
  /** Its name without `--`. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly meaning: string;
  /** What its value is called; absent: it takes none. */
  readonly value?: string;
  /** The values it can have. */
  readonly values?: readonly string[];
}

/** A command that has been asked for. */
export interface Invocation {
  /** The words behind the command's name, as many as its row allows. */
  readonly operands: readonly string[];
  /** The command's own options that were given; `true` for one without a value. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
  /** Gives the text of a setting: its option's, else its variable's. */
  readonly source: SettingsSource;
  /** Where the text of a setting comes from, if it has one. */
  readonly origin: (setting: Setting) => "option" | "environment" | undefined;
  /**
   * Reads, checks and types all settings.
   *
   * @throws {SettingsError} with all problems at once
   */
  readonly settings: () => Promise<Settings>;
  /** The machine. */
  readonly runtime: Runtime;
}

/** The code of a command. */
export interface CommandModule {
  /** Runs it. @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}
