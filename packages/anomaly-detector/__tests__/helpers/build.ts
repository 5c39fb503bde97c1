import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = join(__dirname, "../..");

/** Programs of the package, compiled as they are in the image; tests start them as processes. */
export interface Programs {
  readonly main: string;
  readonly worker: string;
  readonly cli: string;
  remove(): void;
}

/** Compiles the programs to a folder of their own within the package, where they find its dependencies. */
export function buildPrograms(): Programs {
  mkdirSync(join(PACKAGE, "dist"), { recursive: true });
  const folder = mkdtempSync(join(PACKAGE, "dist/test-"));
  execFileSync(
    join(PACKAGE, "../../node_modules/.bin/esbuild"),
    [
      "main=src/main.ts",
      "worker=src/models/worker.ts",
      "cli=src/cli/main.ts",
      "--bundle",
      "--packages=external",
      // Its compiled form is made by the build; here its source is enough.
      "--alias:@edge-anomaly-detection/detector-contract=../detector-contract/index.ts",
      "--platform=node",
      "--target=node20",
      `--outdir=${folder}`,
      "--log-level=warning",
    ],
    { cwd: PACKAGE },
  );
  // Bundled, the programs look for the worker beside themselves.
  return {
    main: join(folder, "main.js"),
    worker: join(folder, "worker.js"),
    cli: join(folder, "cli.js"),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
