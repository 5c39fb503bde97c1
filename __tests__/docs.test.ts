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
  it("has a page for every construct, each with the props that the code has", () => {
    expect(docsProblems(ROOT)).toEqual([]);
  });

  it("is told apart from what the code has", () => {
    const root = mkdtempSync(join(tmpdir(), "docs-"));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    try {
      const table = "<!-- props:start -->\n<!-- props:end -->\n";
      write("constructs/hub/stale.ts", "export interface StaleProps {\n  /** Why. */\n  readonly name: string;\n}\n");
      write("constructs/hub/silent.ts", "export interface SilentProps {\n  readonly name?: string;\n}\n");
      write("constructs/hub/absent.ts", "export const absent = 1;\n");
      write("docs/constructs/stale.md", table);
      write("docs/constructs/silent.md", table);
      write("docs/constructs/README.md", "[Stale](stale.md) [Silent](silent.md)\n");
      expect(docsProblems(root)).toEqual([
        "docs/constructs/absent.md is missing: write it for constructs/hub/absent.ts",
        "docs/constructs/silent.md has an empty cell: write a docstring, or @default where a prop is optional",
        "docs/constructs/silent.md is stale: run npm run docs",
        "docs/constructs/stale.md is stale: run npm run docs",
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
