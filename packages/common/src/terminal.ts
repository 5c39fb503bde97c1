import { ValidationError } from "./validation";

/**
 * Runs a command and ends with the status that it returns. An invalid configuration ends every command with 1 and the
 * validation errors, without a stack trace.
 */
export function runCommand(command: () => number | Promise<number>): void {
  const fail = (error: unknown): void => {
    if (!(error instanceof ValidationError)) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = 1;
  };
  try {
    const status = command();
    if (typeof status === "number") {
      process.exitCode = status;
    } else {
      void status.then((code) => {
        process.exitCode = code;
      }, fail);
    }
  } catch (error) {
    fail(error);
  }
}

/** Arguments of a command: words in order, and options by name. */
export interface Arguments {
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** An argument that the command does not know. */
  readonly unknown?: string;
}

/** Takes arguments apart; `flags` stand alone, `valued` are followed by a value. */
export function readArguments(args: readonly string[], flags: readonly string[], valued: readonly string[]): Arguments {
  const words: string[] = [];
  const given = new Set<string>();
  const values = new Map<string, string>();
  let unknown: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    const next = args[index + 1];
    if (valued.includes(argument) && next !== undefined) {
      values.set(argument, next);
      index += 1;
    } else if (flags.includes(argument)) {
      given.add(argument);
    } else if (argument.startsWith("-") && argument !== "-") {
      unknown ??= argument;
    } else {
      words.push(argument);
    }
  }
  return { words, flags: given, values, ...(unknown !== undefined && { unknown }) };
}

/** Colour of a word on a terminal; nothing where the output is read by a program or NO_COLOR is set. */
export function coloured(text: string, colour: "red" | "yellow" | "green", stream: NodeJS.WriteStream): string {
  const codes = { red: 31, yellow: 33, green: 32 };
  return stream.isTTY && !process.env.NO_COLOR ? `\u001b[${codes[colour]}m${text}\u001b[39m` : text;
}
