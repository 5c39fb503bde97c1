import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as ts from "typescript";
import type { ConfigurationShapes, PropertyShape, Shape } from "../../environments/validation/shape";

const TARGET = "environments/validation/shapes.json";

/** Interfaces by the name under which their shape is written. */
const SOURCES = {
  organization: ["environments/environment-config.ts", "OrganizationConfig"],
  environment: ["environments/environment-config.ts", "EnvironmentConfig"],
  bootstrap: ["environments/bootstrap-config.ts", "BootstrapConfig"],
} as const satisfies Record<keyof ConfigurationShapes, readonly [string, string]>;

/** What is wrong with the written shapes; nothing where they are those of the interfaces. */
export function shapesProblems(root: string): string[] {
  return readShapes(root) === writtenShapes(root) ? [] : [`${TARGET} is stale: run npm run docs`];
}

/** Writes the shapes, where they have changed. */
export function writeShapes(root: string): void {
  const next = readShapes(root);
  if (next !== writtenShapes(root)) {
    writeFileSync(join(root, TARGET), next);
    console.log(`${TARGET} written`);
  }
}

function writtenShapes(root: string): string | undefined {
  try {
    return readFileSync(join(root, TARGET), "utf8");
  } catch {
    return undefined;
  }
}

function readShapes(root: string): string {
  const options: ts.CompilerOptions = { strict: true, types: [], target: ts.ScriptTarget.ES2022, noLib: false };
  const host = ts.createCompilerHost(options);
  // Packages stay unread: no setting has a type of theirs, and reading them takes most of the time.
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text.startsWith(".") ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  const files = [...new Set(Object.values(SOURCES).map(([file]) => join(root, file)))];
  const program = ts.createProgram(files, options, host);
  const reader = new ShapeReader(program.getTypeChecker(), root);
  const shapes = Object.fromEntries(
    Object.entries(SOURCES).map(([name, [file, type]]) => [
      name,
      reader.declared(program.getSourceFile(join(root, file)), type),
    ]),
  );
  return `${JSON.stringify(shapes, undefined, 1)}\n`;
}

/** Turns types into shapes. */
class ShapeReader {
  public constructor(
    private readonly checker: ts.TypeChecker,
    private readonly root: string,
  ) {}

  public declared(source: ts.SourceFile | undefined, name: string): Shape {
    const found = source?.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
    if (found === undefined) {
      throw new Error(`there is no interface ${name}`);
    }
    return this.shapeOf(this.checker.getTypeAtLocation(found), name);
  }

  private shapeOf(given: ts.Type, where: string): Shape {
    const type = this.checker.getNonNullableType(given);
    const has = (flag: ts.TypeFlags): boolean => (type.flags & flag) !== 0;
    if (type.isUnion() && !has(ts.TypeFlags.Boolean)) {
      return this.unionOf(type.types, where);
    }
    if (has(ts.TypeFlags.StringLike)) {
      return type.isStringLiteral() ? { kind: "text", values: [type.value] } : { kind: "text" };
    }
    if (has(ts.TypeFlags.NumberLike)) {
      return { kind: "number" };
    }
    if (has(ts.TypeFlags.BooleanLiteral)) {
      return { kind: "boolean", only: this.checker.typeToString(type) === "true" };
    }
    if (has(ts.TypeFlags.Boolean)) {
      return { kind: "boolean" };
    }
    if (has(ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      return this.objectOf(type, where);
    }
    throw new Error(`${where}: no shape for the type ${this.checker.typeToString(type)}`);
  }

  private unionOf(types: readonly ts.Type[], where: string): Shape {
    if (types.every((type) => type.isStringLiteral())) {
      return { kind: "text", values: types.map(({ value }) => value) };
    }
    const booleans = types.filter(({ flags }) => (flags & ts.TypeFlags.BooleanLiteral) !== 0);
    const others = types.filter((type) => !booleans.includes(type)).map((type) => this.shapeOf(type, where));
    const shapes: Shape[] = [...others, ...(booleans.length === 2 ? [{ kind: "boolean" } as const] : [])];
    return { kind: "choice", shapes };
  }

  private objectOf(type: ts.Type, where: string): Shape {
    const item = this.checker.isArrayType(type) && this.checker.getTypeArguments(type as ts.TypeReference)[0];
    if (item) {
      return { kind: "list", item: this.shapeOf(item, `${where}[]`) };
    }
    const index = type.getStringIndexType();
    if (index !== undefined) {
      return { kind: "map", value: this.shapeOf(index, `${where}.*`) };
    }
    const properties = type
      .getProperties()
      .map((property) => [property.name, this.propertyOf(property, where)] as const);
    return { kind: "object", properties: Object.fromEntries(properties) };
  }

  private propertyOf(property: ts.Symbol, where: string): PropertyShape {
    const declared = property.declarations?.[0]?.getSourceFile().fileName;
    const place = `${where}.${property.name}${declared === undefined ? "" : ` (${relative(this.root, declared)})`}`;
    const doc = ts.displayPartsToString(property.getDocumentationComment(this.checker)).replace(/\s+/g, " ");
    return {
      shape: this.shapeOf(this.checker.getTypeOfSymbol(property), place),
      ...((property.flags & ts.SymbolFlags.Optional) !== 0 && { optional: true as const }),
      ...(doc !== "" && { doc }),
      ...this.defaultOf(property),
    };
  }

  /** `@default 7` names a value, `@default - nobody` says it in words. */
  private defaultOf(property: ts.Symbol): Pick<PropertyShape, "default"> {
    const tag = property.getJsDocTags(this.checker).find(({ name }) => name === "default");
    try {
      return { default: JSON.parse(ts.displayPartsToString(tag?.text).replace(/(?<=\d)_(?=\d)/g, "")) as unknown };
    } catch {
      return {};
    }
  }
}
