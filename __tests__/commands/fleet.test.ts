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
