import { writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import * as ts from "typescript";
import { shapesProblems, writeShapes } from "./configuration-shapes";

const HELP = `Writes what is derived from interfaces: the tables of props in docs/constructs, and environments/validation/shapes.json, by which the
configuration is validated.

  npm run docs               write them
  npm run docs -- --check    write nothing, name the files that are out of date or missing
  npm run docs -- --help     print this

Exit status: 0 all files exist and are up to date, 1 files are missing or out of date, 2 invalid arguments.`;

const PAGES = "docs/constructs";
/** Where the table of an interface goes in a page. */
const TABLE = /<!-- props:start (\w+) -->[^]*?<!-- props:end -->/g;
/** Required props that every construct takes from the stack; a row for each would say the same on every page. */
const FROM_STACK = new Set(["name", "identityName", "preventDestroy", "after"]);

type Shape = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** A page of docs/constructs as it is, and as the interfaces require it. */
interface Page {
  readonly path: string;
  readonly now?: string;
  readonly next?: string;
  /** What a person has to fix. */
  readonly problems: readonly string[];
}

/** What is missing or out of date in docs/constructs, one line each. */
export function docsProblems(root: string): string[] {
  return readPages(root).flatMap(({ path, now, next, problems }) => [
    ...problems,
    ...(now === next ? [] : [`${path} is out of date: run npm run docs`]),
  ]);
}

/** Updates every table in docs/constructs; returns what a person has to fix. */
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

/** One page for each folder of constructs. */
function readPages(root: string): Page[] {
  const files = ts.sys.readDirectory(root, [".ts"], undefined, ["constructs/**/*", "edge-manifests/**/*"]).sort();
  // Imports are not resolved: reading the providers' types would take most of the time, and tables only name them.
  const program = ts.createProgram(files, { strict: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 });
  const sources = files.flatMap((file) => program.getSourceFile(file) ?? []);
  const tables = new Tables(program.getTypeChecker(), sources.flatMap(shapesOf));
  const index = ts.sys.readFile(join(root, PAGES, "README.md")) ?? "";
  const folders = new Map<string, string[]>();
  for (const source of sources) {
    const [top = "", folder = ""] = relative(root, source.fileName).split(sep);
    if (top === "constructs") {
      const props = shapesOf(source).map(({ name }) => name.text);
      folders.set(folder, [...(folders.get(folder) ?? []), ...props.filter((name) => name.endsWith("Props"))]);
    }
  }
  return [...folders].map(([folder, props]) => readPage(root, folder, props, tables, index));
}

function readPage(root: string, folder: string, props: readonly string[], tables: Tables, index: string): Page {
  const path = `${PAGES}/${folder}.md`;
  const now = ts.sys.readFile(join(root, path));
  if (now === undefined) {
    return { path, problems: [`${path} is missing: write it for constructs/${folder}`] };
  }
  const named = [...now.matchAll(TABLE)].map(([, name = ""]) => name);
  const next = now.replace(
    TABLE,
    (_before, name: string) => `<!-- props:start ${name} -->\n\n${tables.of(name) ?? ""}\n\n<!-- props:end -->`,
  );
  const problems = [
    ...props.filter((name) => !named.includes(name)).map((name) => `${path} has no table of ${name}`),
    ...named.filter((name) => tables.of(name) === undefined).map((name) => `${path}: there is no interface ${name}`),
    !index.includes(`(${folder}.md)`) && `${PAGES}/README.md does not name ${folder}.md`,
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

  /** The props that whoever composes constructs passes on in one sentence, and a table of those that somebody decides. */
  public of(name: string): string | undefined {
    const shape = this.shapes.find((candidate) => candidate.name.text === name);
    if (shape === undefined) {
      return undefined;
    }
    const properties = this.propertiesOf(shape);
    const passed = name.endsWith("Props") ? properties.filter((property) => this.isPassedOn(property)) : [];
    const rows = properties.filter((property) => !passed.includes(property)).map((property) => this.row(property));
    const sentence = `Requires ${passed.map((property) => `\`${property.name}\``).join(", ")}.`;
    const table = ["| Prop | Type | Default | Meaning and range |", "| --- | --- | --- | --- |", ...rows].join("\n");
    return [...(passed.length > 0 ? [sentence] : []), ...(rows.length > 0 ? [table] : [])].join("\n\n");
  }

  /** Whether a prop is what the stack has anyway: a name, a resource, another construct. */
  private isPassedOn(property: ts.Symbol): boolean {
    const type = this.writtenType(property);
    const isInstance = /^[A-Z]\w+$/.test(type) && !this.shapes.some((shape) => shape.name.text === type);
    return !isOptional(property) && (FROM_STACK.has(property.name) || isInstance);
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
    const cells = [
      `\`${property.name}\``,
      `\`${this.typeOf(property)}\``,
      isOptional(property) ? shown(tag) : "required",
      meaning,
    ];
    return `| ${cells.map((cell) => cell.replace(/\s+/g, " ").replaceAll("|", "\\|").trim()).join(" | ")} |`;
  }

  /** The type as it is written; a closed set of words with its words, unless a table has no room for them. */
  private typeOf(property: ts.Symbol): string {
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(property));
    const words = type.isUnion() && type.types.every((part) => part.isStringLiteral()) ? type.types : [];
    return (
      (words.length <= 8 && words.map(({ value }) => JSON.stringify(value)).join(" | ")) || this.writtenType(property)
    );
  }

  private writtenType(property: ts.Symbol): string {
    return property.declarations?.find(ts.isPropertySignature)?.type?.getText() ?? "";
  }
}

const isOptional = (property: ts.Symbol): boolean => (property.flags & ts.SymbolFlags.Optional) !== 0;

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
