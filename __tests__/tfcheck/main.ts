import { buildApp } from "../../stacks/app";
import { organization } from "../support/environments";
import { networkEnvironments } from "../support/networks";

// Writes a stack for each kind of network to the folder that is named, for Terraform's core to check.
const [outdir] = process.argv.slice(2);
buildApp(
  { organization, environments: Object.values(networkEnvironments) },
  { outdir: outdir ?? "dist/kinds" },
).app.synth();
