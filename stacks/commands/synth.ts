import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { App } from "cdktf";
import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import { LOCK_FILE, lockFileOf } from "../../environments/validation/lock-files";
import { reasonOf } from "../../environments/validation/plain-copy";
import { redacted, ValidationError } from "@edge-anomaly-detection/common";

const HELP = `Writes Terraform JSON for every environment and for the bootstrap to cdktf.out/stacks.

  npm run synth              write it and print a table of the stacks
  npm run synth -- --json    print the table as JSON
  npm run synth -- --help    print this

Exit status: 0 written, 1 the configuration in environments/ is invalid or a stack breaks a rule (npm run -s policy),
2 invalid arguments. DEBUG=1 shows where a fault of this program is.
NO_COLOR switches colours off; they are used on a terminal only.`;

interface StackSummary {
  readonly stack: string;
  readonly resources: number;
  readonly backend: string;
  readonly path: string;
}

interface StackJson {
  readonly terraform: { readonly backend?: Record<string, unknown>; readonly cloud?: unknown };
  readonly resource?: Record<string, Record<string, unknown>>;
}

/** cdktf would write resources of hand-written bindings without their arguments, and say nothing. */
class HclError extends Error {
  public constructor() {
    super(
      "HCL output is not supported: the bindings in packages/terraform-bindings write JSON only. Leave --hcl out; Terraform reads JSON as well.",
    );
  }
}

/** Runs the app and tells the person in front of the terminal what came of it; an invalid configuration needs no stack trace. */
export function synthesize(build: () => App, args: readonly string[] = process.argv.slice(2)): void {
  const unknown = args.find((arg) => arg !== "--json" && arg !== "--help" && arg !== "-h");
  if (unknown !== undefined) {
    console.error(`unknown argument ${unknown}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (args.includes("--help") || args.includes("-h")) {
    console.log(HELP);
    return;
  }
  try {
    const app = withoutTokenTraces(() => {
      const built = build();
      if (built.hclOutput) {
        throw new HclError();
      }
      built.synth();
      placeLockFiles(built);
      return built;
    });
    const stacks = summarize(app);
    console.log(args.includes("--json") ? JSON.stringify(stacks, undefined, 2) : table(stacks));
  } catch (error) {
    process.exitCode = 1;
    if (error instanceof ValidationError || error instanceof HclError) {
      console.error(error.message);
    } else if (process.env.DEBUG) {
      throw error;
    } else {
      console.error(
        `a fault of this program: ${redacted(reasonOf(error))}\n  do: report it; DEBUG=1 shows where it is`,
      );
    }
  }
}

/** Terraform reads the lock file beside a stack's JSON. */
function placeLockFiles(app: App): void {
  for (const { name, synthesizedStackPath } of Object.values(app.manifest.stacks)) {
    if (existsSync(lockFileOf(name))) {
      copyFileSync(lockFileOf(name), join(app.outdir, dirname(synthesizedStackPath), LOCK_FILE));
    }
  }
}

function summarize(app: App): StackSummary[] {
  return Object.values(app.manifest.stacks).map(({ name, synthesizedStackPath }) => {
    const file = join(app.outdir, synthesizedStackPath);
    const { terraform, resource } = JSON.parse(readFileSync(file, "utf8")) as StackJson;
    const resources = Object.values(resource ?? {}).reduce((sum, byId) => sum + Object.keys(byId).length, 0);
    const backend = terraform.cloud === undefined ? Object.keys(terraform.backend ?? {}).join() : "cloud";
    return { stack: name, resources, backend, path: relative(process.cwd(), file) };
  });
}

function table(stacks: readonly StackSummary[]): string {
  const rows = [
    ["stack", "resources", "backend", "written to"],
    ...stacks.map(({ stack, resources, backend, path }) => [stack, String(resources), backend, path]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [bold(lines[0] ?? ""), ...lines.slice(1)].join("\n");
}

function bold(text: string): string {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR;
  return colours ? `\u001b[1m${text}\u001b[22m` : text;
}
