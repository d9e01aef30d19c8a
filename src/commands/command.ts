import type { Runtime } from "../runtime/types.ts";
import type { ClientEntry } from "./from_client/entry.ts";
import type { Setting, Settings, SettingsSource } from "../settings/settings.ts";

/** One row of the table of commands. */
export interface Command {
  /** Its name on the command line. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly description: string;
  /** A command line without settings, as an example. */
  readonly example: string;
  /** Whether it uses the settings of the proxy. @default {true} */
  readonly usesSettings?: boolean;
  /** The words that can follow its name. */
  readonly operands: readonly Operand[];
  /** Its own options, in addition to those of the settings. */
  readonly options: readonly Option[];
  /** Loads the code, which the proxy does not need. */
  readonly load: () => Promise<CommandModule>;
}

/** A word after a command's name. */
export interface Operand {
  /** Its name in the usage line. */
  readonly name: string;
  /** Whether it may be left out. */
  readonly optional?: true;
  /** The option without which it has no meaning. */
  readonly needs?: string;
  /** The words that it can be. */
  readonly values?: readonly string[];
}

/** An option of a command. */
export interface Option {
  /** Its name without `--`. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly description: string;
  /** Name of its value; absent if it takes none. */
  readonly value?: string;
  /** The values it can have. */
  readonly values?: readonly string[];
  /** The option without which it has no meaning. */
  readonly needs?: string;
}

/** A command to run. */
export interface Invocation {
  /** The words after the command's name. */
  readonly operands: readonly string[];
  /** The command's own options that were given; `true` for one without a value. */
  readonly options: Readonly<Record<string, string | true | undefined>>;
  /** Returns the text of a setting, from its option or its variable. */
  readonly source: SettingsSource;
  /** Where the text of a setting comes from, if it has one. */
  readonly origin: (setting: Setting) => "option" | "environment" | undefined;
  /**
   * Reads, checks and types all settings.
   *
   * @throws {SettingsError} with all problems at once
   */
  readonly settings: () => Promise<Settings>;
  /** The entry of an MCP client that the settings come from, with `--from`. */
  readonly entry?: ClientEntry;
  /** The machine. */
  readonly runtime: Runtime;
}

/** The code of a command. */
export interface CommandModule {
  /** Runs it. @returns the exit code */
  run(invocation: Invocation): Promise<number>;
}
