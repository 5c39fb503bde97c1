import { App } from "cdktf";
import { synthesize } from "../../stacks/commands/synth";
import { loadConfiguration } from "../../environments/validation/load";
import { EnvironmentStack } from "../../stacks/environment-stack";

/** Does what main.ts does for the environments that have a record, rules included, and leaves the bootstrap out. */
synthesize(() => {
  const { organization, environments } = loadConfiguration();
  const app = new App();
  for (const environment of environments) {
    new EnvironmentStack(app, environment.name, { organization, environment });
  }
  return app;
});
