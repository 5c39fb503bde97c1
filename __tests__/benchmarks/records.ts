import { loadConfiguration } from "../../environments/validation/load";
import { buildApp } from "../../stacks/app";
import { synthesize } from "../../stacks/commands/synth";

/** Does what main.ts does for the environments, rules included, and leaves the bootstrap out. */
synthesize(() => {
  const { organization, environments } = loadConfiguration();
  return buildApp({ organization, environments, isValidated: true }).app;
});
