import { App } from "cdktf";
import { synthesize } from "./stacks/commands/synth";
import { loadConfiguration } from "./environments/validation/load";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { EnvironmentStack } from "./stacks/environment-stack";

synthesize(() => {
  const { organization, environments, bootstrap } = loadConfiguration();
  const app = new App();
  const stacks = environments.map(
    (environment) => new EnvironmentStack(app, environment.name, { organization, environment }),
  );
  new BootstrapStack(app, "bootstrap", { organization, bootstrap, environments: stacks });
  return app;
});
