import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const SCRIPT = resolve(__dirname, "../../build-page.mjs");

/** Compiles the page as it stands into a folder of its own. */
export function compilePage(): { folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-page-"));
  execFileSync(process.execPath, [SCRIPT, folder], { stdio: "pipe" });
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
