import { functionOf, FUNCTIONS, takesArguments } from "./functions";
import { type Expression, RouteSyntaxError } from "./syntax";
import { takes, type Type } from "./values";

/** Names of a body path, each with indexes (Azure/iotedge, `jsonpath/JsonPath.g4`). */
const BODY_PATH = /^[^()<>@,;:\\"/[\]?={}.\t\n\r]+(\[\d+\])*(\.[^()<>@,;:\\"/[\]?={}.\t\n\r]+(\[\d+\])*)*$/;

/**
 * What the edge hub refuses in a condition beyond its grammar: unknown functions, operands and arguments of types that do
 * not fit. Application and system properties are strings to it, so `temperature > 20` is refused, and
 * `as_number(temperature) > 20` is not (Azure/iotedge, `ConditionVisitor`).
 */
export function conditionErrors(condition: Expression): RouteSyntaxError[] {
  const errors: RouteSyntaxError[] = [];
  typeOf(condition, errors);
  return errors;
}

/** The type that the runtime gives an expression; `errors` takes what it refuses on the way. */
export function typeOf(expression: Expression, errors: RouteSyntaxError[] = []): Type {
  switch (expression.kind) {
    case "boolean":
      return "bool";
    case "number":
    case "string":
    case "null":
    case "undefined":
      return expression.kind;
    case "property":
      return "string";
    case "systemProperty":
      return /[[\]]/.test(expression.name) ? "undefined" : "string";
    case "body":
      if (!BODY_PATH.test(expression.path)) {
        errors.push(
          new RouteSyntaxError(
            `$body.${expression.path} is no path into a message's body`,
            expression.offset,
            "write names with dots, and indexes of lists in brackets: $body.machine.sensors[0].temperature",
          ),
        );
      }
      return "dynamic";
    case "not":
      return typeOfNot(expression, errors);
    case "negate": {
      const operand = typeOf(expression.operand, errors);
      if (operand !== "number") {
        errors.push(operandError("-", [operand], expression.offset));
      }
      return "number";
    }
    case "call":
      return typeOfCall(expression, errors);
    case "binary":
      return typeOfBinary(expression, errors);
  }
}

function typeOfNot(
  { operand, offset }: Extract<Expression, { kind: "not" | "negate" }>,
  errors: RouteSyntaxError[],
): Type {
  const type = typeOf(operand, errors);
  if (type !== "null" && !takes("bool", type)) {
    errors.push(
      operandError("NOT", [type], offset, "put the comparison into brackets: NOT (a = 'b'); NOT binds tighter than ="),
    );
  }
  return "bool";
}

function typeOfCall(call: Extract<Expression, { kind: "call" }>, errors: RouteSyntaxError[]): Type {
  const given = call.arguments.map((argument) => typeOf(argument, errors));
  const found = functionOf(call.name);
  if (found === undefined) {
    errors.push(
      new RouteSyntaxError(
        `the edge hub has no function ${call.name}`,
        call.offset,
        call.name.toLowerCase() === "twin_change_includes"
          ? "only routes of IoT Hub in the cloud have it"
          : `use one of ${Object.keys(FUNCTIONS).join(", ")}`,
      ),
    );
    return "undefined";
  }
  if (!takesArguments(found, given)) {
    const lists = found.takes.map((list) => `${call.name}(${list.join(", ")})`).join(" or ");
    errors.push(
      new RouteSyntaxError(
        `${call.name} does not take (${given.map(named).join(", ")})`,
        call.offset,
        `write ${lists}; application and system properties are strings, as_number makes numbers of them`,
      ),
    );
  }
  return found.returns;
}

function typeOfBinary(binary: Extract<Expression, { kind: "binary" }>, errors: RouteSyntaxError[]): Type {
  const { operator, offset } = binary;
  const left = typeOf(binary.left, errors);
  const right = typeOf(binary.right, errors);
  const isDynamic = left === "dynamic" || right === "dynamic";
  const refuse = (remedy?: string): void => {
    errors.push(operandError(operator, [left, right], offset, remedy));
  };
  switch (operator) {
    case "*":
    case "/":
    case "%":
    case "+":
    case "-":
      // The runtime has no remainder of values from a body.
      if (!takes("number", left) || !takes("number", right) || (operator === "%" && isDynamic)) {
        refuse();
      }
      return isDynamic ? "dynamic" : "number";
    case "||":
      if (!takes("string", left) || !takes("string", right)) {
        refuse("|| joins two strings; write OR between conditions");
      }
      return "string";
    case "AND":
    case "OR":
      if (!isLogical(left) || !(left === "dynamic" || (isLogical(right) && right !== "dynamic"))) {
        refuse(
          right === "dynamic" && isLogical(left)
            ? "the runtime takes a value of the body on the left of AND and OR only: write it first, or compare it: $body.a = true"
            : "compare each side, for example a = 'b' AND c = 'd'",
        );
      }
      return left === "null" && (operator === "AND" || right === "null") ? "null" : "bool";
    case "??":
      if (!takes(left, right)) {
        refuse();
      }
      return left === "undefined" ? right : left;
    default:
      if (!takes(left, right)) {
        refuse(
          "compare values of one type: application and system properties are strings, as_number makes numbers of them",
        );
      }
      return "bool";
  }
}

const isLogical = (type: Type): boolean => ["bool", "null", "undefined", "dynamic"].includes(type);

const named = (type: Type): string => (type === "dynamic" ? "a value of the body" : type);

function operandError(
  operator: string,
  given: readonly Type[],
  offset: number,
  remedy = "use operands of the type that the operator takes",
): RouteSyntaxError {
  return new RouteSyntaxError(`${operator} does not take ${given.map(named).join(" and ")}`, offset, remedy);
}
