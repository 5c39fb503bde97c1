import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The interpreter that runs the training; `PYTHON` names another one than the machine's. */
export const PYTHON = process.env.PYTHON ?? "python3";
const PACKAGE = join(__dirname, "..", "..", "packages", "training");

/** Why training cannot run here, or undefined where it can. */
export function trainingIsMissing(...modules: readonly string[]): string | undefined {
  const wanted = ["numpy", "onnx", "onnxruntime", ...modules];
  const { status, stderr, error } = spawnSync(PYTHON, ["-c", `import ${wanted.join(", ")}`], { encoding: "utf8" });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split("\n").at(-1) ?? `${PYTHON} failed`;
}

/** Runs a module of the package as `npm run train` does. */
export function runPython(args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(PYTHON, args, { cwd: PACKAGE, encoding: "utf8", env: { ...process.env, PYTHONPATH: PACKAGE } });
}
