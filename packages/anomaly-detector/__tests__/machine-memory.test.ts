import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

test("a machine of three signals takes at most 8 KB, new or learnt, and no more than is allowed for", () => {
  const folder = mkdtempSync(join(tmpdir(), "detector-memory-"));
  try {
    const program = join(folder, "memory.cjs");
    buildSync({
      entryPoints: [join(__dirname, "helpers/memory-process.ts")],
      bundle: true,
      platform: "node",
      target: "node20",
      // Its compiled form is made by the build; here its source is enough.
      alias: { "@edge-anomaly-detection/detector-contract": join(__dirname, "../../detector-contract/index.ts") },
      outfile: program,
    });
    const printed = execFileSync(process.execPath, ["--expose-gc", program], { encoding: "utf8" });
    const { fresh, learnt, allowedFor } = JSON.parse(printed) as Record<"fresh" | "learnt" | "allowedFor", number>;
    for (const bytes of [fresh, learnt]) {
      // Below, it would not have been measured: the statistics alone are more.
      expect(bytes).toBeGreaterThan(6000);
      expect(bytes).toBeLessThanOrEqual(8 * 1024);
      expect(allowedFor).toBeGreaterThanOrEqual(bytes);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
