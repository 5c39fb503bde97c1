import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { snapshot } from "./snapshot";

const HELP = `Renews __tests__/snapshots from cdktf.out/stacks. Read the difference before you commit it.

  npm run snapshots            synthesize and renew
  npm run snapshots -- --help  print this`;

const STACKS = join("cdktf.out", "stacks");
const SNAPSHOTS = join("__tests__", "snapshots");

if (process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) {
  console.log(HELP);
} else {
  mkdirSync(SNAPSHOTS, { recursive: true });
  for (const stack of readdirSync(STACKS).sort()) {
    const file = join(SNAPSHOTS, `${stack}.json`);
    writeFileSync(file, snapshot(readFileSync(join(STACKS, stack, "cdk.tf.json"), "utf8")));
    console.log(file);
  }
}
