import { type BinaryOperator, type Expression, RouteSyntaxError } from "./syntax";
import type { TokenReader } from "./token-reader";
import type { Token } from "./tokens";

/** How tightly operators bind, the tightest last; operators of one level are taken from left to right. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["??"],
  ["OR"],
  ["AND"],
  ["=", "!=", "<>"],
  ["<", "<=", ">", ">="],
  ["+", "-", "||"],
  ["*", "/", "%"],
];
/** Levels of brackets and prefixes; the runtime has no limit but its stack. */
const MAX_DEPTH = 200;

/**
 * A condition. NOT and - bind tighter than every operator between two operands: `NOT a = b` is `(NOT a) = b`.
 *
 * @throws RouteSyntaxError where the edge hub would refuse the text
 */
export function parseExpression(tokens: TokenReader, depth = 0): Expression {
  if (depth > MAX_DEPTH) {
    throw new RouteSyntaxError(`brackets are nested more than ${MAX_DEPTH} deep`, tokens.offset, "nest less");
  }
  return parseLevel(tokens, 0, depth);
}

function parseLevel(tokens: TokenReader, level: number, depth: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) {
    return parseOperand(tokens, depth);
  }
  let left = parseLevel(tokens, level + 1, depth);
  for (;;) {
    const token = tokens.next;
    const operator = operators.find((candidate) => isOperator(token, candidate));
    if (token === undefined || operator === undefined) {
      return left;
    }
    tokens.skip();
    left = { kind: "binary", operator, left, right: parseLevel(tokens, level + 1, depth), offset: token.offset };
  }
}

const isOperator = (token: Token | undefined, operator: string): boolean =>
  token?.text === operator && (token.kind === "symbol" || token.kind === "keyword");

function parseOperand(tokens: TokenReader, depth: number): Expression {
  const token = tokens.next;
  if (token === undefined) {
    throw tokens.unexpected("a value");
  }
  const { text, offset } = token;
  switch (token.kind) {
    case "string":
      tokens.skip();
      return { kind: "string", value: unescaped(text.slice(1, -1)), offset };
    case "integer":
    case "real":
    case "hex":
      tokens.skip();
      return numberOf(token);
    case "literal":
      tokens.skip();
      return literalOf(token);
    case "systemProperty":
      tokens.skip();
      return systemProperty(text, false, offset);
    case "identifier":
      return parseName(tokens, token, depth);
    case "keyword":
    case "symbol":
      return parsePrefixed(tokens, token, depth);
    default:
      throw tokens.unexpected("a value", token.kind === "unterminatedString" ? "close the string" : undefined);
  }
}

function parseName(tokens: TokenReader, token: Token, depth: number): Expression {
  const { text: name, offset } = token;
  if (tokens.afterNext?.text !== "(" || tokens.afterNext.kind !== "symbol") {
    if (/^[&|!]+$/.test(name)) {
      throw tokens.unexpected("a value");
    }
    tokens.skip();
    return { kind: "property", name, offset };
  }
  tokens.skip();
  tokens.skip();
  const given: Expression[] = [];
  while (!tokens.takeSymbol(")")) {
    if (given.length > 0 && !tokens.takeSymbol(",")) {
      throw tokens.unexpected(", or )");
    }
    given.push(parseExpression(tokens, depth + 1));
  }
  return { kind: "call", name, arguments: given, offset };
}

function parsePrefixed(tokens: TokenReader, token: Token, depth: number): Expression {
  const { offset } = token;
  if (depth > MAX_DEPTH) {
    throw new RouteSyntaxError(`brackets are nested more than ${MAX_DEPTH} deep`, offset, "nest less");
  }
  if (tokens.takeSymbol("(")) {
    const inner = parseExpression(tokens, depth + 1);
    if (!tokens.takeSymbol(")")) {
      throw tokens.unexpected("an operator or )");
    }
    return inner;
  }
  if (tokens.takeSymbol("{")) {
    const property = tokens.next;
    if (property?.kind !== "systemProperty") {
      throw tokens.unexpected("a property that starts with $");
    }
    tokens.skip();
    tokens.expectSymbol("}", "the property in braces is followed by }");
    return systemProperty(property.text, true, property.offset);
  }
  if (tokens.takeKeyword("NOT")) {
    return { kind: "not", operand: parseOperand(tokens, depth + 1), offset };
  }
  if (tokens.takeSymbol("-")) {
    return { kind: "negate", operand: parseOperand(tokens, depth + 1), offset };
  }
  throw tokens.unexpected("a value");
}

function systemProperty(text: string, isEscaped: boolean, offset: number): Expression {
  const body = /^\$body\./i.exec(text);
  return body === null
    ? { kind: "systemProperty", name: text.slice(1), isEscaped, offset }
    : { kind: "body", path: text.slice(body[0].length), isEscaped, offset };
}

/** A number; what the runtime cannot read, such as `e5`, is undefined. */
function numberOf({ kind, text, offset }: Token): Expression {
  const value = kind === "real" && /^-?[eE]/.test(text) ? Number.NaN : Number(text);
  return Number.isNaN(value) ? { kind: "undefined", offset } : { kind: "number", value, offset };
}

function literalOf({ text, offset }: Token): Expression {
  return text === "null" || text === "undefined"
    ? { kind: text, offset }
    : { kind: "boolean", value: text === "true", offset };
}

/** As the runtime does it: first `\u0041`, then `\"`, `\'` and `\\`. */
function unescaped(text: string): string {
  return text
    .replace(/\\[uU]([0-9A-Fa-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replace(/\\(["'\\])/g, "$1");
}
