import { parseArgs } from "node:util";
import { ValidationError } from "./validation";
import { visible } from "./visible";

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
  /** Options that stand alone, as they are written: `--json`. */
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** Why they are invalid, for whoever typed them: an option that the command does not know, or one without its value. */
  readonly invalid?: string;
}

/**
 * Takes arguments apart with `node:util`'s `parseArgs`.
 *
 * @param flags options that stand alone: `--json`, `-h`
 * @param valued options with a value, `--out FILE` or `--out=FILE`; a value that begins with a hyphen takes the second form
 */
export function readArguments(args: readonly string[], flags: readonly string[], valued: readonly string[]): Arguments {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(valued.map((name) => [name.slice(2), { type: "string" as const }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = tokens.filter((token) => token.kind === "option");
  const [invalid] = options.flatMap(({ rawName, value, inlineValue }) => {
    if (flags.includes(rawName)) {
      return inlineValue === true ? [`${rawName} takes no value`] : [];
    }
    if (!valued.includes(rawName)) {
      return [`unknown argument ${visible(rawName)}`];
    }
    const isMissing = value === undefined || (!inlineValue && value !== "-" && value.startsWith("-"));
    return isMissing ? [`${rawName} needs a value`] : [];
  });
  return {
    words: positionals,
    flags: new Set(options.flatMap(({ rawName }) => (flags.includes(rawName) ? [rawName] : []))),
    values: new Map(options.flatMap(({ rawName, value }) => (value === undefined ? [] : [[rawName, value]]))),
    ...(invalid !== undefined && { invalid }),
  };
}

/** Colour of a word on a terminal; nothing where the output is read by a program or NO_COLOR is set. */
export function coloured(text: string, colour: "red" | "yellow" | "green", stream: NodeJS.WriteStream): string {
  const codes = { red: 31, yellow: 33, green: 32 };
  return stream.isTTY && !process.env.NO_COLOR ? `\u001b[${codes[colour]}m${text}\u001b[39m` : text;
}
