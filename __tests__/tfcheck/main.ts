import { buildApp } from "../../stacks/app";
import { organization } from "../support/environments";
import { modelEnvironments } from "../support/models";
import { networkEnvironments, stampEnvironments } from "../support/networks";
import { provisioningEnvironments } from "../support/provisioning";

// Writes a stack for each kind of network, with several hubs, for each way in which devices register, and with models, to the folder
// that is named, for Terraform's core to check.
const [outdir] = process.argv.slice(2);
buildApp(
  {
    organization,
    environments: [
      ...Object.values({ ...networkEnvironments, ...stampEnvironments }),
      ...Object.values(provisioningEnvironments),
      ...Object.values(modelEnvironments),
    ],
  },
  { outdir: outdir ?? "dist/kinds" },
).app.synth();
