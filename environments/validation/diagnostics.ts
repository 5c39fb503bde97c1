import { mkdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import * as ts from "typescript";
import { placeOf } from "./locate";

/** What the TypeScript compiler says, with the place in the configuration where it is about one. */
export interface CompilerDiagnostic {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
  /** The variable that is set where it is, empty outside of any. */
  readonly variable: string;
  /** Path in the object that the variable is set to, empty where it is about the whole. */
  readonly path: string;
  /** The source text that it is about. */
  readonly text: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Checks the types of everything that commands are made of; what has not changed since the last time is not checked again.
 *
 * @param root the repository
 * @param config the compiler's settings, relative to it
 */
export function typeCheck(root: string, config = ".config/tsconfig.build.json"): CompilerDiagnostic[] {
  const parsed = ts.getParsedCommandLineOfConfigFile(resolve(root, config), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
    },
  });
  if (parsed === undefined) {
    throw new Error(`${config} cannot be read`);
  }
  const { options, fileNames: rootNames } = parsed;
  if (options.tsBuildInfoFile !== undefined) {
    mkdirSync(dirname(options.tsBuildInfoFile), { recursive: true });
  }
  const program = ts.createIncrementalProgram({ rootNames, options });
  const syntactic = program.getSyntacticDiagnostics();
  const unreadable = new Set(syntactic.map(({ file }) => file));
  const found = [
    ...parsed.errors,
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...syntactic,
    ...program.getGlobalDiagnostics(),
    // What the types of a file are that cannot be read is a guess.
    ...program.getSemanticDiagnostics().filter(({ file }) => file === undefined || !unreadable.has(file)),
  ];
  program.emit();
  return [...ts.sortAndDeduplicateDiagnostics(found)].map((diagnostic) => asPlain(root, diagnostic));
}

function asPlain(root: string, { file, start = 0, length = 0, code, messageText }: ts.Diagnostic): CompilerDiagnostic {
  const message = ts.flattenDiagnosticMessageText(messageText, " ").replace(/\s+/g, " ");
  if (file === undefined) {
    return {
      file: ".config/tsconfig.build.json",
      line: 1,
      variable: "",
      path: "",
      text: "",
      code: `TS${code}`,
      message,
    };
  }
  const source = ts.createSourceFile(file.fileName, file.text, ts.ScriptTarget.ES2022, true);
  const place = placeOf(ts, innermost(source, start));
  return {
    file: relative(root, file.fileName),
    line: source.getLineAndCharacterOfPosition(start).line + 1,
    ...place,
    text: file.text.slice(start, start + Math.min(length, 200)),
    code: `TS${code}`,
    message,
  };
}

function innermost(source: ts.SourceFile, position: number): ts.Node {
  let node: ts.Node = source;
  for (;;) {
    const inner: ts.Node | undefined = ts.forEachChild(node, (child) =>
      child.getStart(source) <= position && position < child.getEnd() ? child : undefined,
    );
    if (inner === undefined) {
      return node;
    }
    node = inner;
  }
}
