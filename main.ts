import { App } from "cdktf";
import { synthesize } from "./cli/synth";
import { environments } from "./environments";
import { bootstrap } from "./environments/bootstrap";
import { organization } from "./environments/organization";
import { assertValidBootstrap } from "./stacks/bootstrap-problems";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { assertValidEnvironments } from "./stacks/environment-problems";
import { EnvironmentStack } from "./stacks/environment-stack";

synthesize(() => {
  assertValidEnvironments(organization, environments);
  assertValidBootstrap(bootstrap, environments);
  const app = new App();
  const stacks = environments.map(
    (environment) => new EnvironmentStack(app, environment.name, { organization, environment }),
  );
  new BootstrapStack(app, "bootstrap", { organization, bootstrap, environments: stacks });
  return app;
});
