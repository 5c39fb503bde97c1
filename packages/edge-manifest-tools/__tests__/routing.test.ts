import fc from "fast-check";
import { evaluate, type RoutedMessage, routeMatches } from "../src/routing/evaluate";
import { parseRoute } from "../src/routing/parse";
import { type Expression, type Route, RouteSyntaxError } from "../src/routing/syntax";
import { conditionErrors, typeOf } from "../src/routing/types";

const inner = (condition: string): Expression => {
  const parsed = parseRoute(`FROM /* WHERE ${condition} INTO $upstream`).condition;
  if (parsed === undefined) {
    throw new Error("no condition");
  }
  return parsed;
};

function refusal(text: string): RouteSyntaxError {
  try {
    parseRoute(text);
  } catch (error) {
    if (error instanceof RouteSyntaxError) {
      return error;
    }
    throw error;
  }
  throw new Error(`${text} is not refused`);
}

describe("routes that the edge hub takes", () => {
  const module = (id: string, output?: string): object => ({
    reads: "module",
    module: id,
    ...(output !== undefined && { output }),
  });
  const input = { kind: "module", module: "c", input: "d" };

  test.each<[string, object, object]>([
    ["FROM /* INTO $upstream", { reads: "everything" }, { kind: "upstream" }],
    ["FROM /messages INTO $upstream", { reads: "messages" }, { kind: "upstream" }],
    ["FROM /messages/* INTO $upstream", { reads: "messages" }, { kind: "upstream" }],
    ["FROM /messages/modules/* INTO $upstream", { reads: "modules" }, { kind: "upstream" }],
    ["FROM /messages/modules/a INTO $upstream", module("a"), { kind: "upstream" }],
    ["FROM /messages/modules/a/* INTO $upstream", module("a"), { kind: "upstream" }],
    ["FROM /messages/modules/a/outputs/* INTO $upstream", module("a"), { kind: "upstream" }],
    ["FROM /messages/modules/a/outputs/b/* INTO $upstream", module("a", "b"), { kind: "upstream" }],
    ["FROM /twinChangeNotifications INTO $upstream", { reads: "twinChanges" }, { kind: "upstream" }],
    ["from /MESSAGES/Modules/a/Outputs/b into $UPSTREAM", module("a", "b"), { kind: "upstream" }],
    ["SELECT * FROM /messages/modules/a/outputs/b INTO $upstream", module("a", "b"), { kind: "upstream" }],
    ['FROM / messages / *\n INTO\tBrokeredEndpoint ( "/modules/c/inputs/d" )', { reads: "messages" }, input],
    ["FROM /messages/* INTO BrokeredEndpoint('/modules/c/inputs/d')", { reads: "messages" }, input],
    ['FROM /messages/* INTO BrokeredEndpoint("modules/c/inputs/d/")', { reads: "messages" }, input],
    ['FROM /messages/* INTO brokeredendpoint(" /modules/c/inputs/d ")', { reads: "messages" }, input],
    ['FROM /messages/* INTO BrokeredEndpoint("/module/c/input/d")', { reads: "messages" }, input],
    ["FROM /messages/modules/a.b-c_d/outputs/e$ INTO $upstream", module("a.b-c_d", "e$"), { kind: "upstream" }],
  ])("%s", (text, source, endpoint) => {
    expect(parseRoute(text)).toMatchObject({ source, endpoint });
  });

  test.each([
    "x = 'a'",
    'x = "a"',
    'x = "it is \\"INTO\\" \\u0041"',
    "x = ' INTO '",
    "(x = 'a')",
    "NOT IS_DEFINED($connectionModuleId)",
    "not is_defined(x) AND (y = 'b' OR z <> 'c')",
    "$body.machine.sensors[0].temperature > 20.5",
    "{$body.a} = true",
    "{$connectionDeviceId} != 'x'",
    "as_number(x) >= -1e3 AND 0xFF > as_number(y)",
    "x || 'a' = 'ba'",
    "(x ?? 'a') = 'a'",
    "starts_with(lower(x), 'a')",
    "$body.a AND x = 'b'",
    "substring(x, 0, 3) = 'abc' AND index_of(x, 'b') > 0",
    "- as_number(x) < 0",
    "$dt-subject = 'a'",
  ])("WHERE %s", (condition) => {
    expect(conditionErrors(inner(condition))).toEqual([]);
  });

  test("text after the endpoint is not read, and is told of", () => {
    expect(parseRoute("FROM /* INTO $upstream WHERE x")).toMatchObject({ ignoredFrom: 23 });
    expect(parseRoute("FROM /* INTO $upstream ")).not.toHaveProperty("ignoredFrom");
  });
});

describe("routes that the edge hub refuses", () => {
  test.each([
    ["", "does not start with FROM", 0],
    ["FRM /* INTO $upstream", "does not start with FROM", 0],
    ["FROM sensor INTO $upstream", "a source starts with /", 5],
    ["FROM/messages/*INTO $upstream", "expected WHERE or INTO, found $upstream", 20],
    ["FROM /messages/ INTO $upstream", "cannot name INTO", 16],
    ["FROM /messages/* TO $upstream", "expected WHERE or INTO, found TO", 17],
    ["FROM /messages/* INTO upstream", "no endpoint upstream", 22],
    ["FROM /messages/* INTO $Upstreams", "no endpoint $Upstreams", 22],
    ["FROM /messages/* INTO BrokeredEndpoint(/modules/a/inputs/b)", "address in quotes", 39],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/a")', "names no input", 39],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/a/inputs/b/c")', "names no input", 39],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/a/inputs/b"', "followed by )", 60],
    ["FROM /messages/* WHERE INTO $upstream", "expected a value, found INTO", 23],
    ["FROM /messages/* WHERE x == 'a' INTO $upstream", "expected a value, found =", 26],
    ["FROM /messages/* WHERE x = 'a' && y = 'b' INTO $upstream", "expected an operator or INTO, found &&", 31],
    ["FROM /messages/* WHERE (x = 'a' INTO $upstream", "expected an operator or )", 32],
    ["FROM /messages/* WHERE x = 'a') INTO $upstream", "expected an operator or INTO, found )", 30],
    ["FROM /messages/* WHERE x = 'a INTO $upstream", "a string that is not closed", 27],
    ["FROM /messages/* WHERE f(x INTO $upstream", "expected , or )", 27],
    ["FROM /messages/* WHERE x = 'a' y INTO $upstream", "expected an operator or INTO, found y", 31],
    ["FROM /messages/* WHERE x = [1] INTO $upstream", "expected a value", 27],
    ["FROM /messages/modules/123/outputs/a INTO $upstream", "cannot name 123", 23],
    [`FROM /* WHERE ${"(".repeat(5_000)}x INTO $upstream`, "nested more than 200", undefined],
    [`FROM /* WHERE ${"NOT ".repeat(5_000)}x INTO $upstream`, "nested more than 200", undefined],
  ])("%.80s", (text, reason, offset) => {
    const error = refusal(text);
    expect(error.reason).toContain(reason);
    expect(offset ?? error.offset).toBe(error.offset);
  });

  test("what other languages write is explained", () => {
    expect(refusal("FROM /* WHERE x == 'a' INTO $upstream").remedy).toContain("= once");
    expect(refusal("FROM /* WHERE x = 'a' && y = 'b' INTO $upstream").remedy).toBe("write AND");
  });

  test.each([
    ["temperature > 20", "> does not take string and number"],
    ["x = 1", "= does not take string and number"],
    ["x = null", "= does not take string and null"],
    ["NOT x = 'a'", "NOT does not take string"],
    ["x AND y = 'b'", "AND does not take string and bool"],
    ["y = 'b' AND $body.a", "AND does not take bool and a value of the body"],
    ["x || 1 = 'a'", "|| does not take string and number"],
    ["length(1) > 0", "length does not take (number)"],
    ["concat('a') = 'a'", "concat does not take (string)"],
    ["as_numbr(x) > 1", "no function as_numbr"],
    ["hasOwnProperty(x)", "no function hasOwnProperty"],
    ["twin_change_includes(a)", "no function twin_change_includes"],
    ["$body. = 1", "no path into a message's body"],
    ["$body.a..b = 1", "no path into a message's body"],
    ["$body.a % 2 = 0", "% does not take a value of the body and number"],
    ["- $body.a < 0", "- does not take a value of the body"],
  ])("WHERE %s", (condition, reason) => {
    expect(conditionErrors(inner(condition)).map((error) => error.reason)).toContainEqual(
      expect.stringContaining(reason),
    );
  });
});

test("a comment is left out, and may begin where nobody means it to", () => {
  const text = "FROM /messages /* all */ WHERE x = 'a' INTO $upstream";
  expect(parseRoute(text)).toMatchObject({ source: { reads: "messages" }, condition: { kind: "binary" } });
  // From the source's slash and star to the star and slash in the string.
  expect(refusal("FROM /* WHERE x = '*/' INTO $upstream").offset).toBe(21);
});

test("names take nearly every character, so that blanks matter", () => {
  expect(inner("x!='a'")).toMatchObject({ kind: "binary", operator: "=", left: { kind: "property", name: "x!" } });
  expect(inner("a-5 = 'a'")).toMatchObject({ left: { kind: "property", name: "a-5" } });
  expect(inner("as_number(a) - 5 = 0")).toMatchObject({ left: { operator: "-" } });
});

test("operators bind as in the runtime's grammar", () => {
  const show = (node: Expression): string =>
    node.kind === "binary"
      ? `(${show(node.left)} ${node.operator} ${show(node.right)})`
      : node.kind === "not" || node.kind === "negate"
        ? `${node.kind}(${show(node.operand)})`
        : node.kind === "property"
          ? node.name
          : node.kind === "number"
            ? String(node.value)
            : node.kind;
  expect(show(inner("a OR b AND NOT c = d < 1 + 2 * 3 ?? e"))).toBe(
    "((a OR (b AND (not(c) = (d < (1 + (2 * 3)))))) ?? e)",
  );
  expect(show(inner("1 - 2 - 3 = 4"))).toBe("(((1 - 2) - 3) = 4)");
});

describe("messages", () => {
  const message: RoutedMessage = {
    source: "/messages/modules/Sensor/outputs/temperatureOutput",
    properties: { alert: "true", Temperature: "21.5", $mine: "app", "$body.shadow": "property" },
    systemProperties: {
      connectionDeviceId: "edge-1",
      connectionModuleId: "Sensor",
      contentType: "application/json",
      contentEncoding: "utf-8",
      mine: "system",
    },
    body: JSON.stringify({
      machine: { temperature: 100, name: "press", sensors: [{ id: "a" }, { id: "b" }] },
      ok: true,
      off: false,
      none: null,
      shadow: "body",
      at: "2026-11-25T10:00:00Z",
    }),
  };
  const value = (condition: string, changed: Partial<RoutedMessage> = {}): unknown =>
    evaluate(inner(condition), { ...message, ...changed });

  test.each([
    ["FROM /* INTO $upstream", true],
    ["FROM /messages/* INTO $upstream", true],
    ["FROM /messages/modules/sensor/* INTO $upstream", true],
    ["FROM /messages/modules/Sensor/outputs/temperatureoutput INTO $upstream", true],
    ["FROM /messages/modules/Sens* INTO $upstream", false],
    ["FROM /messages/modules/Sensor/outputs/temperature INTO $upstream", false],
    ["FROM /messages/modules/*/outputs/temperatureOutput INTO $upstream", false],
    ["FROM /twinChangeNotifications INTO $upstream", false],
    ["FROM /messages/* WHERE alert = 'true' INTO $upstream", true],
    ["FROM /messages/* WHERE alert = 'false' INTO $upstream", false],
    ["FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream", false],
    ["FROM /messages/* WHERE alert INTO $upstream", false],
  ])("%s: %s", (text, expected) => {
    expect(routeMatches(parseRoute(text), message)).toBe(expected);
  });

  test("of a device are those without a module", () => {
    const route = parseRoute("FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $upstream");
    expect(routeMatches(route, { source: "/messages", systemProperties: { connectionDeviceId: "leaf" } })).toBe(true);
  });

  test.each<[string, unknown]>([
    // Properties: names in any case; an application property comes before a system property.
    ["ALERT = 'true'", true],
    ["missing = 'a'", undefined],
    ["missing != 'a'", undefined],
    ["NOT (missing = 'a')", undefined],
    ["$connectionDeviceId = 'edge-1'", true],
    ["$CONNECTIONDEVICEID = 'edge-1'", true],
    ["$mine = 'app'", true],
    ["{$mine} = 'system'", true],
    // Undefined: three values.
    ["missing = 'a' OR alert = 'true'", true],
    ["missing = 'a' AND alert = 'false'", false],
    ["missing = 'a' AND alert = 'true'", undefined],
    ["(missing ?? 'x') = 'x'", true],
    ["undefined = undefined", undefined],
    ["null = null", true],
    ["null < null", false],
    // Strings compare by code units, numbers as numbers.
    ["'a' < 'b'", true],
    ["'B' < 'a'", true],
    ["'10' < '9'", true],
    ["as_number(Temperature) > 20", true],
    ["as_number(alert) > 0", undefined],
    ["as_number(' (1,000.5) ') = -1000.5", true],
    ["as_number('1e3') = 1000", true],
    ["0x10 = 16", true],
    ["true > false", true],
    // Arithmetic.
    ["7 % 4 + 2 * 3 = 9", true],
    ["1 / 0 > 1000", true],
    ["0 / 0 = 0", undefined],
    // Bodies.
    ["$body.machine.temperature >= 100", true],
    ["$body.machine.sensors[1].id = 'b'", true],
    ["$body.ok", true],
    ["NOT $body.off", true],
    ["$body.machine.name = 'press'", true],
    ["$body.machine.temperature = '100'", false],
    ["$body.machine.temperature != '100'", true],
    ["$body.machine.temperature < '1'", true],
    ["$body.none = null", true],
    ["$body.machine.missing = null", true],
    ["is_defined($body.machine.missing)", true],
    ["$body.machine = 'press'", undefined],
    ["$body.at = '2026-11-25T10:00:00Z'", undefined],
    ["$body.shadow = 'property'", true],
    ["{$body.shadow} = 'body'", true],
    ["$body.machine.temperature + 1 = 101", true],
    ["$body.machine.name + 1 = 101", undefined],
    ["$body.machine.name AND true", undefined],
    ["is_null($body.none)", true],
    ["is_null($body.machine.missing)", false],
    ["is_null($body.ok)", true],
    // Functions.
    ["is_number($body.machine.temperature) AND is_string(alert) AND is_bool(true)", true],
    ["is_null(null) AND NOT is_null(alert)", true],
    ["concat('a', 'b', alert) = 'abtrue'", true],
    ["concat('a', missing) = 'a'", undefined],
    ["length(alert) = 4", true],
    ["upper(alert) = 'TRUE' AND lower('A') = 'a'", true],
    ["substring('abc', 1) = 'bc' AND substring('abc', 1, 1) = 'b'", true],
    ["substring('abc', 3) = ''", true],
    ["substring('abc', 4) = ''", undefined],
    ["index_of('abc', 'c') = 2 AND index_of('abc', 'x') = -1", true],
    ["starts_with(alert, 'tr') AND ends_with(alert, 'ue') AND contains(alert, 'ru')", true],
    ["abs(-1) = 1 AND ceiling(0.5) = 1 AND floor(0.5) = 0 AND sign(-3) = -1", true],
    ["power(2, 3) = 8 AND square(3) = 9 AND sqrt(9) = 3 AND exp(0) = 1", true],
    ["sqrt(-1) = 0", undefined],
  ])("%s is %s", (condition, expected) => {
    expect(conditionErrors(inner(condition))).toEqual([]);
    expect(value(condition)).toBe(expected);
  });

  test.each<[string, Partial<RoutedMessage>]>([
    ["a body that is not said to be JSON", { systemProperties: { contentEncoding: "utf-8" } }],
    ["a body of no known encoding", { systemProperties: { contentType: "application/json" } }],
    ["a body that is a list", { body: "[1]" }],
    ["a body that is no JSON", { body: "{" }],
    ["no body", { body: undefined }],
  ])("%s is undefined", (_what, changed) => {
    expect(value("$body.ok", changed)).toBeUndefined();
    expect(value("is_defined($body.ok)", changed)).toBe(false);
  });
});

const pieces = ["FROM", "/messages/*", "/", "a", "WHERE", "x", "=", "==", "'a'", "1", "AND", "NOT", "(", ")", "$body.a", "INTO", "$upstream", "{", "}", "||", '"', ",", "is_defined", "BrokeredEndpoint", '"/modules/a/inputs/b"']; // prettier-ignore

test("any text is a route or refused with a place in it", () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((words) => words.join(" ")),
    fc
      .array(fc.constantFrom(...pieces), { maxLength: 8 })
      .map((words) => `FROM /* WHERE ${words.join(" ")} INTO $upstream`),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (any) => {
      let route: Route;
      try {
        route = parseRoute(any);
      } catch (error) {
        expect(error).toBeInstanceOf(RouteSyntaxError);
        expect((error as RouteSyntaxError).offset).toBeLessThanOrEqual(any.length);
        return;
      }
      if (route.condition !== undefined && conditionErrors(route.condition).length === 0) {
        typeOf(route.condition);
        expect(typeof routeMatches(route, { source: "/messages", properties: { x: "a" } })).toBe("boolean");
      }
    }),
    { numRuns: 200 },
  );
});
