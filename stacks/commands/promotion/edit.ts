import * as ts from "typescript";
import type { EdgeVersion } from "../../../constructs/edge/edge-settings";

/** What a promotion changes in a version; null takes a property away. */
export type VersionChange = {
  readonly [key in "detector" | "model" | "modelImage" | "shadowModel"]?: EdgeVersion[key] | null;
};

/** A version as the change leaves it. */
export function changedVersion(version: EdgeVersion, change: VersionChange): EdgeVersion {
  const merged = Object.entries({ ...version, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged) as unknown as EdgeVersion;
}

/**
 * The text of an environment's configuration with a changed `edge.versions.VERSION`; everything else stays as it is.
 * Undefined where the version is not written out there as an object.
 */
export function withVersion(
  source: string,
  environment: string,
  version: string,
  change: VersionChange,
): string | undefined {
  return Object.entries(change).reduce<string | undefined>(
    (text, [key, value]) => text && withProperty(text, environment, version, key, value),
    source,
  );
}

function withProperty(
  source: string,
  environment: string,
  version: string,
  key: string,
  value: unknown,
): string | undefined {
  const file = ts.createSourceFile("environment.ts", source, ts.ScriptTarget.ES2022, true);
  const target = versionIn(file, environment, version);
  if (target === undefined) {
    return undefined;
  }
  const before = propertyOf(target, key);
  if (value === null) {
    return before === undefined ? source : without(source, file, target, before);
  }
  const text = literal(value);
  if (before !== undefined) {
    return source.slice(0, before.initializer.getStart(file)) + text + source.slice(before.end);
  }
  const last = target.properties.at(-1);
  const at = last?.end ?? target.getStart(file) + 1;
  return `${source.slice(0, at)}${last === undefined ? "" : ", "}${key}: ${text}${source.slice(at)}`;
}

function without(
  source: string,
  file: ts.SourceFile,
  target: ts.ObjectLiteralExpression,
  property: ts.PropertyAssignment,
): string {
  const index = target.properties.indexOf(property);
  const next = target.properties[index + 1];
  const begin =
    next === undefined ? (target.properties[index - 1]?.end ?? property.getStart(file)) : property.getStart(file);
  return source.slice(0, begin) + source.slice(next?.getStart(file) ?? property.end);
}

/** A value as the configuration writes it. */
function literal(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  const entries = Object.entries(value).flatMap(([key, one]) => (one === undefined ? [] : [`${key}: ${literal(one)}`]));
  return `{ ${entries.join(", ")} }`;
}

function versionIn(file: ts.SourceFile, environment: string, version: string): ts.ObjectLiteralExpression | undefined {
  const roots = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(({ initializer }) => initializer))
    .filter((value): value is ts.ObjectLiteralExpression => value !== undefined && ts.isObjectLiteralExpression(value));
  let target: ts.Node | undefined = roots.find((one) => {
    const name = propertyOf(one, "name")?.initializer;
    return name !== undefined && ts.isStringLiteral(name) && name.text === environment;
  });
  for (const key of ["edge", "versions", version]) {
    target = target && ts.isObjectLiteralExpression(target) ? propertyOf(target, key)?.initializer : undefined;
  }
  return target !== undefined && ts.isObjectLiteralExpression(target) ? target : undefined;
}

function propertyOf(object: ts.ObjectLiteralExpression, key: string): ts.PropertyAssignment | undefined {
  return object.properties.find(
    (one): one is ts.PropertyAssignment =>
      ts.isPropertyAssignment(one) &&
      (ts.isIdentifier(one.name) || ts.isStringLiteral(one.name)) &&
      one.name.text === key,
  );
}
