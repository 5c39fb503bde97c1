import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BASELINES } from "./baselines";
import { loadBefore, Plant } from "./contestants";
import { compare } from "./compare";
import { cadence } from "./cadence";
import { calibration } from "./calibration";
import { measureFalseAlerts, measureFaults } from "./own";
import { draw } from "./pictures";
import { processPlant } from "./process";
import { streamAnalytics } from "./stream-analytics";
import { recovery } from "./recovery";
import { oracle } from "./oracle";
import { relations } from "./relations";
import type { Half } from "./normals";
import { print } from "./table";

const USAGE = `Measures the detector on generated plant signals, normal and faulty, beside other detectors.

  npm run bench:plant                 everything, half an hour on two busy cores
      --quick                         fewer days and seeds, half a minute: for work on the detector
      --half choose|report            the kinds and seeds that parameters were chosen on, or (default) the others
      --part NAME                     one of false-alerts, faults, oracle, recovery, relations, process, cadence, compare, calibration, stream-analytics
      --out FOLDER                    writes results.json and pictures there
      --help                          print this`;

const PARTS = [
  "false-alerts",
  "faults",
  "oracle",
  "recovery",
  "relations",
  "process",
  "cadence",
  "compare",
  "calibration",
  "stream-analytics",
] as const;

function main(): void {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      half: { type: "string", default: "report" },
      part: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    print(USAGE);
    return;
  }
  const { quick, half, part, out } = values;
  if (half !== "choose" && half !== "report") throw new Error(`--half is ${half}; allowed: choose, report`);
  if (part !== undefined && !(PARTS as readonly string[]).includes(part)) {
    throw new Error(`--part is ${part}; allowed: ${PARTS.join(", ")}`);
  }
  const wanted = (name: (typeof PARTS)[number]): boolean => part === undefined || part === name;
  const progress = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  const chosen: Half = half;
  const results: Record<string, unknown> = { half, quick, node: process.version };
  const failures: string[] = [];
  if (wanted("false-alerts")) results.falseAlerts = measureFalseAlerts(chosen, quick, progress, failures);
  if (wanted("faults")) results.faults = measureFaults(chosen, quick, progress, failures);
  if (wanted("oracle")) results.oracle = oracle(chosen, quick, progress);
  if (wanted("recovery")) results.recovery = recovery(quick);
  if (wanted("relations")) results.relations = relations(chosen, quick, failures);
  if (wanted("process")) results.process = processPlant(quick, failures);
  if (wanted("cadence")) results.cadence = cadence(quick, failures);
  if (wanted("compare")) {
    const before = loadBefore(join(__dirname, "../../../../.."));
    results.compare = compare(
      chosen,
      quick,
      BASELINES,
      () => Plant.of(1),
      before && (() => before(1)),
      progress,
      failures,
    );
  }
  if (wanted("calibration")) results.calibration = calibration(chosen, quick);
  if (wanted("stream-analytics")) results.streamAnalytics = streamAnalytics(quick);
  if (failures.length > 0) print(`\nbelow what is asked:\n${failures.map((each) => `  ${each}`).join("\n")}`);
  else print("\nall that is asked holds");
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
    for (const [name, svg] of Object.entries(draw(results))) writeFileSync(join(out, `${name}.svg`), svg);
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
