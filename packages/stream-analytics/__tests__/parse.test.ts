import { parseQuery, QueryError } from "..";

const error = (query: string): string => {
  try {
    parseQuery(query);
  } catch (thrown) {
    if (thrown instanceof QueryError) return thrown.message;
    throw thrown;
  }
  return "";
};

test.each([
  ["SELECT a FROM i", /column 10: expected INTO/],
  ['SELECT "a" INTO o FROM i', /column 8: a string literal stands between single quotes/],
  ["SELECT 'a INTO o FROM i", /column 8: a string literal/],
  ["SELECT a INTO o FROM i JOIN b ON 1=1", /JOIN is not evaluated here/],
  [
    "SELECT FIRST(a) AS b INTO o FROM i",
    /column 8: the function FIRST is not evaluated here; these are: System\.Timestamp/,
  ],
  ["SELECT CAST(a AS int) AS b INTO o FROM i", /the data type int is not evaluated here; these are: bigint, float/],
  ["SELECT a + 1 INTO o FROM i", /a computed column needs a name/],
  ["SELECT AVG(a) AS b INTO o FROM i", /aggregates and HAVING need a window/],
  ["SELECT a INTO o FROM i GROUP BY a", /GROUP BY needs TumblingWindow/],
  ["SELECT a INTO o FROM i GROUP BY SlidingWindow(second, 5)", /not evaluated here/],
  ["SELECT a INTO o FROM i GROUP BY HoppingWindow(second, 5, 10)", /hop at most length/],
  ["SELECT a INTO o FROM i GROUP BY TumblingWindow(fortnight, 5)", /"fortnight" is not a unit of time/],
  ["WITH A AS (SELECT a INTO o FROM i) SELECT a INTO o FROM A", /a step has no INTO/],
  ["WITH A AS (SELECT a FROM i), a AS (SELECT a FROM i) SELECT a INTO o FROM A", /a second step is called a/],
  ["WITH A AS (SELECT a FROM i UNION ALL SELECT a FROM i) SELECT a INTO o FROM A", /no UNION ALL/],
  ["WITH A AS (SELECT a FROM i)", /expected SELECT … INTO/],
  [
    "SELECT AnomalyDetection_SpikeAndDip(a, 101, 10, 'spikes') OVER (LIMIT DURATION(second, 5)) AS s INTO o FROM i",
    /the confidence in percent is 101; allowed is 1 to 100/,
  ],
  [
    "SELECT AnomalyDetection_SpikeAndDip(a, 95, 10, 'both') OVER (LIMIT DURATION(second, 5)) AS s INTO o FROM i",
    /the mode is "both"; allowed are spikes, dips, spikesanddips/,
  ],
  [
    "SELECT AnomalyDetection_ChangePoint(a, 95, 10) OVER (PARTITION BY b LIMIT DURATION(second, 5)) AS s INTO o FROM i",
    /PARTITION BY is not available on IoT Edge/,
  ],
  [
    "SELECT a INTO o FROM i WHERE AnomalyDetection_ChangePoint(a, 95, 10) OVER (LIMIT DURATION(second, 5)) = 1",
    /filter their result in a later step/,
  ],
])("%s", (query, message) => {
  expect(error(query)).toMatch(message);
});

test("says in which line and column the query is wrong", () => {
  expect(error("SELECT a,\n  CASE WHEN a = 1\nINTO o FROM i")).toMatch(/^query line 2, column 8:/);
});

test("keywords are read in any case, names between brackets as they are, comments not at all", () => {
  const query = parseQuery("select [from] as [Where] -- a comment\n/* and\nanother */ Into o FROM [my input]");
  expect(query.outputs[0]).toMatchObject({
    columns: [{ name: "Where", value: { kind: "path", names: ["from"] } }],
    into: "o",
    from: "my input",
  });
});

test("AND binds closer than OR, NOT closest; products closer than sums", () => {
  const where = parseQuery("SELECT a INTO o FROM i WHERE NOT a = 1 OR b = 2 AND c = 1 + 2 * 3").outputs[0]?.where;
  expect(where).toMatchObject({
    kind: "or",
    left: { kind: "not" },
    right: { kind: "and", right: { right: { operator: "+", right: { operator: "*" } } } },
  });
});
