import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { LOCK_FILE, lockFileOf } from "../../environments/validation/lock-files";
import { readArguments, runCommand } from "@edge-anomaly-detection/common";

/** Where people and pipelines run Terraform; a lock file holds checksums for each. */
const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_arm64", "darwin_amd64", "windows_amd64"] as const;

const STACKS = join("cdktf.out", "stacks");

const HELP = `Renews the providers' lock files, one for each stack under locks/. Run it after npm run synth, where Terraform and the
registry can be reached; read the difference and commit it. Synth puts each file beside its stack's JSON, so that
\`terraform init\` takes those versions and checksums and no others.

  npm run lock               renew them
  npm run lock -- --help     print this

Platforms: ${PLATFORMS.join(", ")}.
Exit status: 0 written, 1 nothing is synthesized or Terraform failed, 2 invalid arguments.`;

/**
 * Runs the command; returns its exit status.
 *
 * @param terraform the program
 */
export function lock(args: readonly string[], terraform = "terraform"): number {
  const { words, flags, invalid } = readArguments(args, ["--help", "-h"], []);
  const reason = invalid ?? (words[0] === undefined ? undefined : `unknown argument ${words[0]}`);
  if (flags.has("--help") || flags.has("-h")) {
    console.log(HELP);
    return 0;
  }
  if (reason !== undefined) {
    console.error(`${reason}\n\n${HELP}`);
    return 2;
  }
  const stacks = existsSync(STACKS) ? readdirSync(STACKS).sort() : [];
  if (stacks.length === 0) {
    console.error(`there are no stacks under ${STACKS}: run npm run synth`);
    return 1;
  }
  for (const stack of stacks) {
    const folder = join(STACKS, stack);
    const platforms = PLATFORMS.map((platform) => `-platform=${platform}`);
    const { status, error } = spawnSync(terraform, [`-chdir=${folder}`, "providers", "lock", ...platforms], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) {
      console.error(
        `${stack}: ${error?.message ?? "terraform providers lock failed"}; ${lockFileOf(stack)} is as it was`,
      );
      return 1;
    }
    mkdirSync(dirname(lockFileOf(stack)), { recursive: true });
    copyFileSync(join(folder, LOCK_FILE), lockFileOf(stack));
    console.log(lockFileOf(stack));
  }
  return 0;
}

if (require.main === module) {
  runCommand(() => lock(process.argv.slice(2)));
}
