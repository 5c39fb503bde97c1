import { App } from "cdktf";
import { synthesize } from "../cli/synth";
import { environments } from "../environments";
import { organization } from "../environments/organization";
import { assertValidEnvironments } from "../stacks/environment-problems";
import { EnvironmentStack } from "../stacks/environment-stack";

/** Does what main.ts does for the environments that have a record, rules included, and leaves the bootstrap out. */
synthesize(() => {
  assertValidEnvironments(organization, environments);
  const app = new App();
  for (const environment of environments) {
    new EnvironmentStack(app, environment.name, { organization, environment });
  }
  return app;
});
