import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildPrograms } from "../../../../edge-modules/anomaly-detector/__tests__/helpers/build";

const PACKAGE = resolve(__dirname, "../..");

export interface LivePrograms {
  readonly hub: string;
  readonly detector: string;
  readonly remove: () => void;
}

/** Compiles the edge hub to a folder within the package, where it finds its dependencies, and the ML module to one of its own. */
export function compileLivePrograms(): LivePrograms {
  mkdirSync(join(PACKAGE, "dist"), { recursive: true });
  const folder = mkdtempSync(join(PACKAGE, "dist/test-"));
  const hub = join(folder, "hub.js");
  execFileSync(
    join(PACKAGE, "../../node_modules/.bin/esbuild"),
    [
      "src/edge-hub/main.ts",
      "--bundle",
      "--packages=external",
      "--platform=node",
      "--target=node20",
      `--outfile=${hub}`,
      "--log-level=warning",
    ],
    { cwd: PACKAGE },
  );
  const module = buildPrograms();
  return {
    hub,
    detector: module.main,
    remove: () => {
      rmSync(folder, { recursive: true });
      module.remove();
    },
  };
}
