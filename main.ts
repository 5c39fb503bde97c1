import { App } from "cdktf";
import { synthesize } from "./cli/synth";
import { environments } from "./environments";
import { organization } from "./environments/organization";
import { assertValidEnvironments } from "./stacks/environment-problems";
import { EnvironmentStack } from "./stacks/environment-stack";

synthesize(() => {
  assertValidEnvironments(organization, environments);
  const app = new App();
  for (const environment of environments) {
    new EnvironmentStack(app, environment.name, { organization, environment });
  }
  return app;
});
