import * as ts from "typescript";
import type { DetectorModel } from "../../../edge-manifests/detector-layer";

/**
 * The text of an environment's configuration with another model in `edge.versions.VERSION`; everything else stays as it is.
 * Undefined where the version is not written out there as an object.
 */
export function withModel(
  source: string,
  environment: string,
  version: string,
  model: DetectorModel,
): string | undefined {
  const file = ts.createSourceFile("environment.ts", source, ts.ScriptTarget.ES2022, true);
  const roots = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(({ initializer }) => initializer))
    .filter((value): value is ts.ObjectLiteralExpression => value !== undefined && ts.isObjectLiteralExpression(value));
  const root = roots.find((one) => {
    const name = valueOf(one, "name");
    return name !== undefined && ts.isStringLiteral(name) && name.text === environment;
  });
  let target: ts.Node | undefined = root;
  for (const key of ["edge", "versions", version]) {
    target = target && ts.isObjectLiteralExpression(target) ? valueOf(target, key) : undefined;
  }
  if (target === undefined || !ts.isObjectLiteralExpression(target)) {
    return undefined;
  }
  const { uri, sha256, version: name, window } = model;
  const text = `{ uri: ${JSON.stringify(uri)}, sha256: ${JSON.stringify(sha256)}, version: ${JSON.stringify(name)}, window: ${window} }`;
  const before = valueOf(target, "model");
  if (before !== undefined) {
    return source.slice(0, before.getStart(file)) + text + source.slice(before.end);
  }
  const last = target.properties.at(-1);
  const at = last?.end ?? target.getStart(file) + 1;
  return `${source.slice(0, at)}${last === undefined ? "" : ", "}model: ${text}${source.slice(at)}`;
}

function valueOf(object: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined {
  const property = object.properties.find(
    (one): one is ts.PropertyAssignment =>
      ts.isPropertyAssignment(one) &&
      (ts.isIdentifier(one.name) || ts.isStringLiteral(one.name)) &&
      one.name.text === key,
  );
  return property?.initializer;
}
