import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { golden } from "./golden";

const HELP = `Renews __tests__/goldens from cdktf.out/stacks. Read the difference before you commit it.

  npm run goldens            synthesize and renew
  npm run goldens -- --help  print this`;

const STACKS = join("cdktf.out", "stacks");
const GOLDENS = join("__tests__", "goldens");

if (process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) {
  console.log(HELP);
} else {
  mkdirSync(GOLDENS, { recursive: true });
  for (const stack of readdirSync(STACKS).sort()) {
    const file = join(GOLDENS, `${stack}.json`);
    writeFileSync(file, golden(readFileSync(join(STACKS, stack, "cdk.tf.json"), "utf8")));
    console.log(file);
  }
}
