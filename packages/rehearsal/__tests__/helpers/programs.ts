import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { mkdirSync } from "node:fs";
import { buildSync } from "esbuild";

const ROOT = resolve(__dirname, "../../../..");

export interface Programs {
  readonly hub: string;
  readonly detector: string;
  remove(): void;
}

/** Compiles the processes that a live rehearsal starts: the edge hub and the real ML module. */
export function buildPrograms(): Programs {
  // Within the repository, where their native packages are found.
  const parent = join(ROOT, "packages/rehearsal/dist");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "test-"));
  const entries = {
    hub: "packages/rehearsal/src/edge-hub/main.ts",
    detector: "packages/anomaly-detector/src/main.ts",
  };
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node20",
    conditions: ["source"],
    external: ["classic-level", "onnxruntime-node"],
    logLevel: "error",
  });
  return {
    hub: join(folder, "hub.js"),
    detector: join(folder, "detector.js"),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
