import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_DESIRED, LIMITS } from "@edge-anomaly-detection/detector-contract";
import { runPython, trainingIsMissing } from "../support/python";

const SOURCES = join(__dirname, "..", "..", "packages", "training", "anomaly_training");
const missing = trainingIsMissing("pytest");
const whereThere = missing === undefined ? test : test.skip;

whereThere(`the training's own tests pass${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  const { status, stdout, stderr } = runPython(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]);
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
});

/** Python cannot import the contract: what it repeats of it must be the same. */
test("the limits and defaults that the training repeats are the detector's", () => {
  const file = readFileSync(join(SOURCES, "onnx_file.py"), "utf8");
  const number = (name: string): number =>
    Number((new RegExp(`^${name} = ([\\d_]+)$`, "m").exec(file)?.[1] ?? "").replaceAll("_", ""));
  expect(number("MAX_WINDOW")).toBe(LIMITS.modelWindow.max);
  expect(number("MAX_SIGNALS")).toBe(LIMITS.signals.max);
  expect(number("MAX_BYTES")).toBe(LIMITS.modelBytes.max);
  const command = readFileSync(join(SOURCES, "__main__.py"), "utf8");
  const signals = Object.entries(DEFAULT_DESIRED.signals).map((pair) => pair.join("="));
  expect(command).toContain(`DEFAULT_SIGNALS = "${signals.join(",")}"`);
  expect(command).toContain(`"--time-path", default="${DEFAULT_DESIRED.timePath}"`);
});
