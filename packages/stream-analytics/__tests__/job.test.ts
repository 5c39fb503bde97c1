import { type AnomalyModels, type EventOrder, JobFailure, type OutputRow, StreamAnalyticsJob, type Value } from "..";

/** Calls every value above 100 anomalous and scores it by how many values it holds: small enough to follow by hand. */
const above100: AnomalyModels = ({ historySize }) => {
  const held: number[] = [];
  return {
    update: (value) => {
      held.push(value);
      if (held.length > historySize) held.shift();
      return { IsAnomaly: value > 100 ? 1 : 0, Score: held.length };
    },
    forget: (count) => held.splice(0, count),
  };
};

const job = (query: string, order?: EventOrder): StreamAnalyticsJob =>
  new StreamAnalyticsJob({ query, models: above100, ...(order && { order }) });

const T0 = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

/** Pushes events that arrive when they happen. */
function run(query: string, events: readonly Record<string, Value>[], order?: EventOrder): OutputRow[] {
  const running = job(query, order);
  return events.flatMap((event, index) => running.push("i", event, T0 + index * 1000));
}
const bodies = (rows: readonly OutputRow[]): unknown[] => rows.map(({ body }) => body);

test("selects, renames and filters; names are matched in any case", () => {
  const rows = run("SELECT Machine.Temp AS t, b INTO o FROM I WHERE machine.temp >= 20 AND b IS NOT NULL", [
    { machine: { temp: 19 }, b: 1 },
    { machine: { temp: 20 }, b: null },
    { machine: { temp: 20 }, B: "x" },
  ]);
  expect(bodies(rows)).toEqual([{ t: 20, b: "x" }]);
  expect(rows[0]).toMatchObject({ output: "o", time: T0 + 2000 });
});

test("* takes every property, and a column of the same name wins", () => {
  expect(bodies(run("SELECT *, a + 1 AS a INTO o FROM i", [{ a: 1, b: 2 }]))).toEqual([{ a: 2, b: 2 }]);
});

// NOT of unknown is unknown; unknown OR true is true; unknown AND false is false (learn.microsoft.com, three-valued logic of SQL).
test.each([
  ["a = 1", 0],
  ["NOT a = 1", 0],
  ["a = 1 OR b = 2", 1],
  ["NOT (a = 1 AND b = 3)", 1],
  ["a IS NULL", 1],
  ["b = '2'", 0],
  ["b <> 2", 0],
  ["b / 0 IS NULL", 1],
  ["COALESCE(a, b) = 2", 1],
])("{ b: 2 } passes WHERE %s: %i rows", (where, count) => {
  expect(run(`SELECT b INTO o FROM i WHERE ${where}`, [{ b: 2 }])).toHaveLength(count);
});

test.each<[string, Value, Value]>([
  ["float", "1.5e1", 15],
  ["float", true, 1],
  ["float", "", null],
  ["float", "0x10", null],
  ["float", { a: 1 }, null],
  ["bigint", 1.9, 1],
  ["bigint", "1.9", null],
  ["bigint", "-7", -7],
  ["nvarchar(max)", 12, "12"],
  ["nvarchar(max)", { a: 1 }, '{"a":1}'],
  ["datetime", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.0000000Z"],
  ["datetime", "2026-01-01 00:00:00", "2026-01-01T00:00:00.0000000Z"],
  ["datetime", "Sensor 7", null],
  ["bit", 2, null],
])("TRY_CAST AS %s of %j is %j", (type, value, expected) => {
  expect(bodies(run(`SELECT TRY_CAST(a AS ${type}) AS a INTO o FROM i`, [{ a: value }]))).toEqual([{ a: expected }]);
});

test("a CAST that fails stops the job, as Stream Analytics documents it", () => {
  const running = job("SELECT CAST(a AS float) AS a INTO o FROM i");
  expect(running.push("i", { a: 1 }, T0)).toHaveLength(1);
  expect(() => running.push("i", { a: "hot" }, T0)).toThrow(JobFailure);
  expect(running.failure?.message).toContain("TRY_CAST gives NULL");
  expect(running.push("i", { a: 1 }, T0)).toEqual([]);
});

test("an anomaly function sees only what passes WHEN, and forgets what has left its window", () => {
  const query = `
    WITH S AS (
      SELECT System.Timestamp() AS eventTime, v,
        AnomalyDetection_SpikeAndDip(v, 95, 3, 'spikes') OVER (LIMIT DURATION(second, 10) WHEN m = 'a') AS r
      FROM i TIMESTAMP BY t)
    SELECT v, GetRecordPropertyValue(r, 'IsAnomaly') AS anomaly, GetRecordPropertyValue(r, 'Score') AS held INTO o FROM S`;
  const running = job(query);
  const rows = [
    { t: at(0), m: "a", v: 1 },
    { t: at(1), m: "b", v: 500 },
    { t: at(2), m: "a", v: 101 },
    { t: at(3), m: "a", v: null },
    { t: at(4), m: "a", v: 2 },
    { t: at(5), m: "a", v: 3 },
    // The value of second 5 is just inside ten seconds, those before it are not.
    { t: at(14.9), m: "a", v: 4 },
    { t: at(60), m: "a", v: 5 },
  ].flatMap((event) => running.push("i", event, Date.parse(event.t)));
  expect(bodies(rows)).toEqual([
    { v: 1, anomaly: 0, held: 1 },
    { v: 500, anomaly: null, held: null },
    { v: 101, anomaly: 1, held: 2 },
    { v: null, anomaly: null, held: null },
    { v: 2, anomaly: 0, held: 3 },
    { v: 3, anomaly: 0, held: 3 },
    { v: 4, anomaly: 0, held: 2 },
    { v: 5, anomaly: 0, held: 1 },
  ]);
});

test("a union has the rows of all its selects, duplicates too", () => {
  const rows = run(
    "WITH A AS (SELECT a FROM i UNION SELECT a FROM i WHERE a > 1 UNION SELECT b AS a FROM j) SELECT a INTO o FROM A",
    [{ a: 1 }, { a: 2 }],
  );
  expect(bodies(rows)).toEqual([{ a: 1 }, { a: 2 }, { a: 2 }]);
});

// learn.microsoft.com, windowing functions: a window holds its end and not its start, and reports at its end.
test("a tumbling window with HAVING", () => {
  const running = job(
    "SELECT System.Timestamp() AS t, AVG(v) AS mean, COUNT(*) AS n INTO o FROM i TIMESTAMP BY t GROUP BY TumblingWindow(second, 10) HAVING AVG(v) > 2",
  );
  const push = (seconds: number, v: number | null): OutputRow[] =>
    running.push("i", { t: at(seconds), v }, Date.parse(at(seconds)));
  const rows = [...push(0, 100), ...push(1, 4), ...push(9, null), ...push(10, 6), ...push(11, 1), ...push(45, 9)];
  expect(bodies(rows)).toEqual([
    { t: "2026-01-01T00:00:00.0000000Z", mean: 100, n: 1 },
    { t: "2026-01-01T00:00:10.0000000Z", mean: 5, n: 3 },
  ]);
  expect(bodies(running.advance(T0 + 60_000))).toEqual([{ t: "2026-01-01T00:00:50.0000000Z", mean: 9, n: 1 }]);
  expect(running.advance(T0 + 600_000)).toEqual([]);
});

test("a hopping window counts an event in each window that holds it, by key", () => {
  const running = job(
    "SELECT m, COUNT(v) AS n, MIN(v) AS low, MAX(v) AS high, SUM(v) AS total INTO o FROM i TIMESTAMP BY t GROUP BY m, HoppingWindow(second, 10, 5)",
  );
  const rows = [
    { t: at(1), m: "a", v: 1 },
    { t: at(2), m: "b", v: 7 },
    { t: at(6), m: "a", v: 2 },
    { t: at(30), m: "a", v: 3 },
  ].flatMap((event) => running.push("i", event, Date.parse(event.t)));
  expect(rows.map(({ time, body }) => [(time - T0) / 1000, body])).toEqual([
    [5, { m: "a", n: 1, low: 1, high: 1, total: 1 }],
    [5, { m: "b", n: 1, low: 7, high: 7, total: 7 }],
    [10, { m: "a", n: 2, low: 1, high: 2, total: 3 }],
    [10, { m: "b", n: 1, low: 7, high: 7, total: 7 }],
    [15, { m: "a", n: 1, low: 2, high: 2, total: 2 }],
  ]);
});

describe("events whose time is not what it should be", () => {
  const query = "SELECT System.Timestamp() AS t, v INTO o FROM i TIMESTAMP BY t";
  const times = (rows: readonly OutputRow[]): number[] => rows.map(({ time }) => (time - T0) / 1000);

  test("by default a late one is moved to five seconds before its arrival, one out of order to the newest", () => {
    const running = job(query);
    expect(times(running.push("i", { t: at(0) }, T0 + 20_000))).toEqual([15]);
    expect(times(running.push("i", { t: at(18) }, T0 + 20_000))).toEqual([18]);
    expect(times(running.push("i", { t: at(17) }, T0 + 20_000))).toEqual([18]);
    expect(running.counts).toEqual({ adjusted: 2, droppedLate: 0, droppedEarly: 0, invalidTimestamp: 0 });
  });

  test("with the policy drop they are dropped, and counted", () => {
    const running = job(query, { policy: "drop" });
    expect(times(running.push("i", { t: at(0) }, T0 + 20_000))).toEqual([]);
    expect(running.counts.droppedLate).toBe(1);
  });

  test("an event more than five minutes ahead, and one without a time, are dropped", () => {
    const running = job(query);
    expect(running.push("i", { t: at(301) }, T0)).toEqual([]);
    expect(times(running.push("i", { t: at(300) }, T0))).toEqual([300]);
    expect(running.push("i", { t: "yesterday" }, T0)).toEqual([]);
    expect(running.push("i", {}, T0)).toEqual([]);
    expect(running.counts).toMatchObject({ droppedEarly: 1, invalidTimestamp: 2 });
  });

  test("within the tolerance they are put in order, and released as time passes", () => {
    const running = job(query, { outOfOrderSeconds: 10, lateArrivalSeconds: 60 });
    expect(running.push("i", { t: at(5), v: 2 }, T0 + 5000)).toEqual([]);
    expect(running.push("i", { t: at(1), v: 1 }, T0 + 6000)).toEqual([]);
    expect(times(running.push("i", { t: at(12), v: 3 }, T0 + 12_000))).toEqual([1]);
    expect(times(running.advance(T0 + 80_000))).toEqual([5, 12]);
  });
});

test.each([
  ["WITH A AS (SELECT a FROM B), B AS (SELECT a FROM i) SELECT a INTO o FROM B", /used before it is defined/],
  ["WITH A AS (SELECT a FROM i) SELECT a INTO o FROM A TIMESTAMP BY a", /TIMESTAMP BY belongs to an input/],
])("%s is refused", (query, message) => {
  expect(() => job(query)).toThrow(message);
});

describe("LAG", () => {
  const values = (select: string, events: readonly Record<string, Value>[]): unknown[] =>
    run(`SELECT ${select} AS v INTO o FROM i`, events).map(({ body }) => body.v);
  const abc = ["a", "b", "c"].map((x) => ({ x }));

  test.each<[string, unknown[]]>([
    ["LAG(x) OVER (LIMIT DURATION(minute, 1))", [null, "a", "b"]],
    ["LAG(x, 2) OVER (LIMIT DURATION(minute, 1))", [null, null, "a"]],
    ["LAG(x, 1, 'none') OVER (LIMIT DURATION(minute, 1))", ["none", "a", "b"]],
    // An event a second before is not within a second.
    ["LAG(x) OVER (LIMIT DURATION(second, 1))", [null, null, null]],
    ["LAG(x) OVER (LIMIT DURATION(millisecond, 1001))", [null, "a", "b"]],
    ["LAG(x) OVER (LIMIT DURATION(minute, 1) WHEN x <> 'b')", [null, "a", "a"]],
  ])("%s", (call, expected) => {
    expect(values(call, abc)).toEqual(expected);
  });

  test("a value of NULL is a value: the default stands for an event that is not there", () => {
    const call = "LAG(x, 1, 'none') OVER (LIMIT DURATION(minute, 1))";
    expect(values(call, [{ x: null }, { x: "b" }])).toEqual(["none", null]);
  });

  test("it sees the events that WHERE leaves out, and may stand in WHERE", () => {
    const query = "SELECT x INTO o FROM i WHERE x = 1 AND LAG(x, 1, 0) OVER (LIMIT DURATION(minute, 1)) = 0";
    const events = [0, 1, 1, 0, 1, 1, 1].map((x, index) => ({ x, index }));
    const rows = run(query.replace("SELECT x", "SELECT index"), events);
    expect(rows.map(({ body }) => body.index)).toEqual([1, 4]);
  });

  test.each([
    ["LAG(x) OVER (PARTITION BY m LIMIT DURATION(minute, 1))", "PARTITION BY is not available on IoT Edge"],
    ["LAG(x, 0) OVER (LIMIT DURATION(minute, 1))", "the offset is 0; allowed is 1 to 1000"],
    ["LAG(x)", "OVER"],
  ])("%s is refused", (call, message) => {
    expect(() => job(`SELECT ${call} AS v INTO o FROM i`)).toThrow(message);
  });
});
