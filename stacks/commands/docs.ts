import { writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import * as ts from "typescript";
import { shapesProblems, writeShapes } from "./configuration-shapes";

const HELP = `Writes what is derived from interfaces: the tables of props in docs/constructs, and environments/validation/shapes.json, by which the
configuration is validated.

  npm run docs               write them
  npm run docs -- --check    write nothing, name the files that are stale or missing
  npm run docs -- --help     print this

Exit status: 0 all files are there and current, 1 files are missing or stale, 2 unusable arguments.`;

const PAGES = "docs/constructs";
/** Rules are one subject with one page; docs/policy.md lists them. */
const WITHOUT_PAGE =
  /^constructs\/(policy\/(?!policy\.ts$)|shared\/(faster-synthesis|name-rules|policy-exception|validate-props)\.ts$|.*-problems\.ts$)/;
/** A table's place in a page. Without a name it is for the construct's props, otherwise for the interface of that name. */
const TABLE = /<!-- props:start(?: (\w+))? -->[^]*?<!-- props:end -->/g;

type Shape = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** A page of docs/constructs as it stands and as the interfaces want it. */
interface Page {
  readonly path: string;
  readonly now?: string;
  readonly next?: string;
  /** What generating cannot mend. */
  readonly problems: readonly string[];
}

/** What is missing or stale in docs/constructs, one line each; nothing where everything is true. */
export function docsProblems(root: string): string[] {
  return readPages(root).flatMap(({ path, now, next, problems }) => [
    ...problems,
    ...(now === next ? [] : [`${path} is stale: run npm run docs`]),
  ]);
}

/** Brings every table in docs/constructs up to date; returns what a person must mend. */
function writeDocs(root: string): string[] {
  writeShapes(root);
  return readPages(root).flatMap(({ path, now, next, problems }) => {
    if (next !== undefined && next !== now) {
      writeFileSync(join(root, path), next);
      console.log(`${path} written`);
    }
    return problems;
  });
}

function readPages(root: string): Page[] {
  const files = ts.sys.readDirectory(root, [".ts"], undefined, ["constructs/**/*", "edge-manifests/**/*"]).sort();
  // Provider packages stay unread: their types are only named here, and reading them takes most of the time.
  const program = ts.createProgram(files, { strict: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 });
  const sources = files.flatMap((file) => program.getSourceFile(file) ?? []);
  const tables = new Tables(program.getTypeChecker(), sources.flatMap(shapesOf));
  const index = ts.sys.readFile(join(root, PAGES, "README.md")) ?? "";
  return sources
    .map((source) => ({ source, from: relative(root, source.fileName) }))
    .filter(({ from }) => from.startsWith("constructs") && !WITHOUT_PAGE.test(from))
    .map(({ source, from }) => readPage(root, from, shapesOf(source), tables, index));
}

function readPage(root: string, from: string, shapes: readonly Shape[], tables: Tables, index: string): Page {
  const file = `${basename(from, ".ts")}.md`;
  const path = `${PAGES}/${file}`;
  const now = ts.sys.readFile(join(root, path));
  if (now === undefined) {
    return { path, problems: [`${path} is missing: write it for ${from}`] };
  }
  const own = shapes.find(({ name }) => name.text.endsWith("Props"))?.name.text;
  const named = [...now.matchAll(TABLE)].map((match) => match[1] ?? own);
  const next = now.replace(TABLE, (_before, name: string | undefined) => {
    const start = ["<!-- props:start", ...(name === undefined ? [] : [name]), "-->"].join(" ");
    return `${start}\n\n${tables.of(name ?? own) ?? ""}\n\n<!-- props:end -->`;
  });
  const problems = [
    own !== undefined && !named.includes(own) && `${path} has no table of ${own}`,
    ...named.map((name) => tables.of(name) === undefined && `${path}: there is no interface ${name ?? "Props"}`),
    !index.includes(`(${file})`) && `${PAGES}/README.md does not name ${file}`,
    next.includes("|  |") && `${path} has an empty cell: write a docstring, or @default where a prop is optional`,
  ];
  return { path, now, next, problems: problems.filter((problem) => problem !== false) };
}

/** Interfaces and type aliases that a file exports. */
function shapesOf(source: ts.SourceFile): Shape[] {
  const shapes = source.statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
  return shapes.filter((node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
}

/** Tables of properties, by name of the interface. */
class Tables {
  public constructor(
    private readonly checker: ts.TypeChecker,
    private readonly shapes: readonly Shape[],
  ) {}

  public of(name: string | undefined): string | undefined {
    const shape = this.shapes.find((candidate) => candidate.name.text === name);
    const rows = shape && this.propertiesOf(shape).map((property) => this.row(property));
    return rows && ["| Prop | Type | Default | Meaning and range |", "| --- | --- | --- | --- |", ...rows].join("\n");
  }

  /** Own properties, then inherited ones, each in the order in which they are declared. */
  private propertiesOf(shape: Shape): ts.Symbol[] {
    const properties = this.checker.getTypeAtLocation(shape).getProperties();
    const base =
      ts.isTypeAliasDeclaration(shape) && ts.isTypeReferenceNode(shape.type) && shape.type.typeArguments?.[0];
    // `Omit` keeps no order; that of the type from which it leaves things out stands.
    const order = base ? this.checker.getTypeFromTypeNode(base).getProperties() : properties;
    return order.filter(({ name }) => properties.some((property) => property.name === name));
  }

  private row(property: ts.Symbol): string {
    const meaning = ts.displayPartsToString(property.getDocumentationComment(this.checker));
    const tag = property.getJsDocTags(this.checker).find(({ name }) => name === "default");
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const cells = [`\`${property.name}\``, `\`${this.typeOf(property)}\``, optional ? shown(tag) : "required", meaning];
    return `| ${cells.map((cell) => cell.replace(/\s+/g, " ").replaceAll("|", "\\|").trim()).join(" | ")} |`;
  }

  /** The type as it is written; a closed set of words with its words, unless a table has no room for them. */
  private typeOf(property: ts.Symbol): string {
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    const words = type.isUnion() && type.types.every((part) => part.isStringLiteral()) ? type.types : [];
    const written = property.declarations?.find(ts.isPropertySignature)?.type?.getText() ?? "";
    return (words.length <= 8 && words.map(({ value }) => JSON.stringify(value)).join(" | ")) || written;
  }
}

/** `@default "S1"` is code, `@default - nobody` is words. */
function shown(tag: ts.JSDocTagInfo | undefined): string {
  const text = ts.displayPartsToString(tag?.text);
  return text.startsWith("- ") ? text.slice(2) : /^$|`/.test(text) ? text : `\`${text}\``;
}

function main(args: readonly string[]): void {
  const unknown = args.find((arg) => !["--check", "--help", "-h"].includes(arg));
  if (unknown !== undefined) {
    console.error(`unknown argument ${unknown}\n\n${HELP}`);
    process.exitCode = 2;
  } else if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
  } else {
    const problems = args.includes("--check")
      ? [...docsProblems(process.cwd()), ...shapesProblems(process.cwd())]
      : writeDocs(process.cwd());
    problems.map((problem) => `${problem}\n`).forEach((line) => process.stderr.write(line));
    process.exitCode = Math.min(problems.length, 1);
  }
}

if (require.main === module) {
  main(process.argv.slice(2));
}
