import { fleet } from "../../stacks/commands/fleet";
import { fleetSize } from "../../environments/validation/fleet-size";
import { prod } from "../../environments/prod";
import { organization } from "../../environments/organization";
import { listenToConsole } from "../support/console";

const { printed, complained } = listenToConsole();

test("prints what a million devices need, and every limit with its page", () => {
  expect(fleet(["size", "prod", "--devices", "1000000"])).toBe(0);
  const text = printed.join("\n");
  expect(text).toContain("prod with 1,000,000 edge devices");
  expect(text).toMatch(/S1 \(configured\) +221 +200 .*passes a limit/);
  expect(text).toMatch(/S3 +6 +10 .*fits/);
  expect(text).toContain("at least 16.7 h by 1 DPS");
  expect(text).toContain("passed: 221 of 50 hubs in one subscription on S1");
  expect(text).toContain('"Maximum number of linked IoT hubs | 50 | No"');
  expect(text).not.toContain("\u001b");
});

test("--json prints the same as data", () => {
  expect(fleet(["size", "prod", "--devices=5", "--json"])).toBe(0);
  const output = JSON.parse(printed.join("\n")) as { size: unknown; limits: { isPassed: boolean; source: string }[] };
  expect(output).toMatchObject({ environment: "prod", size: fleetSize(organization, prod, 5) });
  expect(output.limits.filter(({ isPassed }) => isPassed)).toEqual([]);
  expect(output.limits.every(({ source }) => source.startsWith("https://"))).toBe(true);
});

test("simulates registrations on the hubs that the size asks for, with an outage", () => {
  expect(fleet(["simulate", "prod", "--devices", "20000", "--outage", "2"])).toBe(0);
  const text = printed.join("\n");
  expect(text).toMatch(/^prod: 20,000 devices register through 1 DPS with \d+ S1 hubs of \d+ units/);
  expect(text).toMatch(/all connected after +20 min/);
  expect(text).toMatch(
    /hub 1 is lost for 2 h and taken out .*: [\d,]+ devices disconnected, all connected \d+ min later/,
  );
  expect(text).toContain("switch them on in stages");
});

test("simulated devices without a place are reported, with what to do and exit status 1", () => {
  expect(fleet(["simulate", "dev", "--devices", "250000", "--retry", "spread", "--hubs", "1"])).toBe(1);
  expect(printed.join("\n")).toContain("all connected after             never");
  expect(printed.join("\n")).toMatch(/! [\d,]+ devices have no hub: the hubs are full; simulate with --hubs 2/);
});

test("a simulation as data", () => {
  const args = ["simulate", "prod", "--devices=3000", "--power-on", "0.1", "--seed", "3", "--json"];
  expect(fleet(args)).toBe(0);
  const { result } = JSON.parse(printed.join("\n")) as { result: { hubs: { devices: number }[] } };
  expect(result).toMatchObject({ connectedAfter: 6, refused: 0, registrations: 3_000, unassigned: 0 });
  expect(result.hubs.reduce((sum, { devices }) => sum + devices, 0)).toBe(3_000);
});

test("invalid arguments of a simulation are told all at once", () => {
  const args = ["simulate", "nowhere", "--devices", "0", "--retry", "never", "--outage", "long", "--hubs", "2.5"];
  expect(fleet(args)).toBe(2);
  const text = complained.join("\n");
  ["--devices needs", "--outage needs", "--hubs needs", "--retry needs one of", "name one of"].forEach((reason) => {
    expect(text).toContain(reason);
  });
});

test.each([
  [[], "missing subcommand"],
  [["shrink"], "unknown subcommand shrink"],
  [["size", "prod"], "--devices needs a whole number"],
  [["size", "prod", "--devices", "many"], "--devices needs a whole number"],
  [["size", "prod", "--devices", "0"], "--devices needs a whole number"],
  [["size", "nowhere", "--devices", "5"], "name one of the environments dev, staging, prod"],
  [["size", "--devices", "5"], "name one of the environments dev, staging, prod"],
  [["size", "prod", "more", "--devices", "5"], "unknown argument more"],
  [["size", "prod", "--devices", "5", "--verbose"], "unknown argument --verbose"],
])("%j are invalid arguments", (args, reason) => {
  expect(fleet(args)).toBe(2);
  expect(complained.join("\n")).toContain(reason);
  expect(printed).toEqual([]);
});

test("--help prints what it does", () => {
  expect(fleet(["--help"])).toBe(0);
  expect(printed.join("\n")).toContain("size ENV --devices N");
});
