import type * as TypeScript from "typescript";

/** Finds lines in TypeScript files, where there is a compiler to read them with. */
export interface Locator {
  /**
   * Line of the value at a path such as `hub.sku` or `edge.devices[0].id`, or of what is nearest to it.
   *
   * @param name the environment's name, where a file has several
   */
  lineOf(source: string, path: string, name: string | undefined): number | undefined;
}

export function locator(ts: typeof TypeScript): Locator {
  return {
    lineOf(source, path, name) {
      const file = ts.createSourceFile("configuration.ts", source, ts.ScriptTarget.ES2022, true);
      const roots = file.statements.filter(ts.isVariableStatement).flatMap((statement) =>
        statement.declarationList.declarations.flatMap(({ initializer }) => {
          const value = initializer && unwrapped(ts, initializer);
          return value === undefined ? [] : [value];
        }),
      );
      const objects = roots.filter(ts.isObjectLiteralExpression);
      const root = objects.find((one) => textOf(ts, valueOf(ts, one, "name")) === name) ?? objects[0] ?? roots.at(-1);
      const node = root && nearest(ts, root, path);
      return node && file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    },
  };
}

function nearest(ts: typeof TypeScript, root: TypeScript.Node, path: string): TypeScript.Node {
  let [node, rest]: [TypeScript.Node, string] = [root, path];
  for (;;) {
    const value = ts.isPropertyAssignment(node) ? unwrapped(ts, node.initializer) : node;
    const step = ts.isObjectLiteralExpression(value)
      ? property(ts, value, rest)
      : ts.isArrayLiteralExpression(value)
        ? element(ts, value, rest)
        : undefined;
    if (step === undefined) {
      return node;
    }
    [node, rest] = step;
  }
}

type Step = [node: TypeScript.Node, rest: string] | undefined;

function property(ts: typeof TypeScript, object: TypeScript.ObjectLiteralExpression, path: string): Step {
  const fitting = object.properties.flatMap((candidate): [TypeScript.Node, string][] => {
    const name = candidate.name && (ts.isComputedPropertyName(candidate.name) ? undefined : nameOf(ts, candidate.name));
    return name !== undefined && path.startsWith(name) && /^($|[.[])/.test(path.slice(name.length))
      ? [[candidate, path.slice(name.length).replace(/^\./, "")]]
      : [];
  });
  return fitting.sort(([, a], [, b]) => a.length - b.length)[0];
}

function element(ts: typeof TypeScript, list: TypeScript.ArrayLiteralExpression, path: string): Step {
  const [whole, index] = /^\[(\d+)\]\.?/.exec(path) ?? [];
  const before = list.elements.slice(0, Number(index) + 1);
  const found = list.elements[Number(index)];
  return whole === undefined || found === undefined || before.some(ts.isSpreadElement)
    ? undefined
    : [unwrapped(ts, found), path.slice(whole.length)];
}

/** The literal inside `… satisfies T`, `… as T` and brackets. */
function unwrapped(ts: typeof TypeScript, node: TypeScript.Expression): TypeScript.Expression {
  return ts.isSatisfiesExpression(node) || ts.isAsExpression(node) || ts.isParenthesizedExpression(node)
    ? unwrapped(ts, node.expression)
    : node;
}

function valueOf(
  ts: typeof TypeScript,
  object: TypeScript.ObjectLiteralExpression,
  name: string,
): TypeScript.Expression | undefined {
  const found = object.properties.filter(ts.isPropertyAssignment).find((one) => nameOf(ts, one.name) === name);
  return found?.initializer;
}

const textOf = (ts: typeof TypeScript, node: TypeScript.Expression | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

const nameOf = (ts: typeof TypeScript, name: TypeScript.PropertyName): string | undefined =>
  ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : undefined;

/** The variable that a node is in, and where in the object that it is set to: `hub.sku`. The opposite of `lineOf`. */
export function placeOf(ts: typeof TypeScript, node: TypeScript.Node): { variable: string; path: string } {
  const steps: string[] = [];
  let at = node;
  for (; !ts.isVariableDeclaration(at) && !ts.isSourceFile(at); at = at.parent) {
    const above = at.parent;
    if (ts.isArrayLiteralExpression(above)) {
      steps.unshift(`[${above.elements.indexOf(at as TypeScript.Expression)}]`);
    } else if (ts.isPropertyAssignment(at) || ts.isShorthandPropertyAssignment(at) || ts.isMethodDeclaration(at)) {
      steps.unshift(`.${nameOf(ts, at.name) ?? ""}`);
    }
  }
  const variable = ts.isVariableDeclaration(at) && ts.isIdentifier(at.name) ? at.name.text : "";
  return { variable, path: steps.join("").replace(/^\./, "") };
}
