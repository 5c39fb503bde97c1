import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import * as ts from "typescript";
import { docsProblems } from "../stacks/commands/docs";

const ROOT = resolve(__dirname, "..");
const PAGES = join(ROOT, "docs/constructs");

/** Examples by the path that each would have as a file beside its page, so that its imports lead where a reader expects. */
function readExamples(): Map<string, string> {
  const pages = ts.sys.readDirectory(PAGES, [".md"]);
  return new Map(
    pages.flatMap((page) =>
      [...(ts.sys.readFile(page) ?? "").matchAll(/^```ts\n([^]*?)^```$/gm)].map((match, index): [string, string] => [
        page.replace(/\.md$/, `.example-${index + 1}.ts`),
        match[1] ?? "",
      ]),
    ),
  );
}

/** Type errors of the examples, all in one program: reading the providers' types takes most of the time. */
function typeErrors(examples: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: ["node"] }, ROOT);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => examples.has(path) || disk.fileExists(path),
    readFile: (path) => examples.get(path) ?? disk.readFile(path),
    getSourceFile: (path, language, ...rest) => {
      const example = examples.get(path);
      return example === undefined
        ? disk.getSourceFile(path, language, ...rest)
        : ts.createSourceFile(path, example, language);
    },
  };
  const program = ts.createProgram([...examples.keys()], options, host);
  return [...examples.keys()]
    .flatMap((path) => {
      const source = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    })
    .map((diagnostic) => ts.formatDiagnostic(diagnostic, { ...host, getCurrentDirectory: () => ROOT }));
}

describe("docs/constructs", () => {
  it("has a page for every folder, with the props of its constructs", () => {
    expect(docsProblems(ROOT)).toEqual([]);
  });

  it("finds what is missing or out of date", () => {
    const root = mkdtempSync(join(tmpdir(), "docs-"));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    try {
      const table = "<!-- props:start StaleProps -->\n<!-- props:end -->\n";
      write("constructs/hub/stale.ts", "export interface StaleProps {\n  /** Why. */\n  readonly name: string;\n}\n");
      write("constructs/hub/missing.ts", "export interface MissingProps {\n  readonly sku?: string;\n}\n");
      write("constructs/edge/silent.ts", "export interface SilentProps {\n  readonly sku?: string;\n}\n");
      write("constructs/absent/absent.ts", "export const absent = 1;\n");
      write("docs/constructs/hub.md", table);
      write("docs/constructs/edge.md", table.replace("StaleProps", "SilentProps"));
      write("docs/constructs/README.md", "[Hub](hub.md)\n");
      expect(docsProblems(root)).toEqual([
        "docs/constructs/absent.md is missing: write it for constructs/absent",
        "docs/constructs/README.md does not name edge.md",
        "docs/constructs/edge.md has an empty cell: write a docstring, or @default where a prop is optional",
        "docs/constructs/edge.md is out of date: run npm run docs",
        "docs/constructs/hub.md has no table of MissingProps",
        "docs/constructs/hub.md is out of date: run npm run docs",
      ]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("shows examples that compile", () => {
    const examples = readExamples();
    expect(examples.size).toBeGreaterThan(0);
    expect(typeErrors(examples)).toEqual([]);
  }, 30_000);
});
