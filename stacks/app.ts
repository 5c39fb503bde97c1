import { App, type AppConfig } from "cdktf";
import { VALIDATED_CONTEXT } from "../constructs/shared/validate-props";
import type { BootstrapConfig } from "../environments/bootstrap-config";
import type { EnvironmentConfig, OrganizationConfig } from "../environments/environment-config";
import { BOOTSTRAP } from "../environments/validation/bootstrap-problems";
import { BootstrapStack } from "./bootstrap-stack";
import { EnvironmentStack } from "./environment-stack";

/** What the app is made from: what `loadConfiguration` returns, or parts of it. */
export interface AppConfiguration {
  readonly organization: OrganizationConfig;
  /** One stack each, in their order. */
  readonly environments: readonly EnvironmentConfig[];
  /** @default - the bootstrap stack is left out */
  readonly bootstrap?: BootstrapConfig;
  /** Whether all of it was validated together; otherwise each stack validates its own part. @default - no */
  readonly isValidated?: true;
}

/** The app and its stacks. */
export interface BuiltApp {
  readonly app: App;
  readonly environments: readonly EnvironmentStack[];
  readonly bootstrap?: BootstrapStack;
}

/**
 * Puts the app together: a stack for each environment, and the bootstrap stack for all of them.
 *
 * @param options what cdktf's `App` takes, for example where to write
 * @throws ValidationError where a configuration that was not validated is invalid
 */
export function buildApp(configuration: AppConfiguration, options: AppConfig = {}): BuiltApp {
  const { organization, bootstrap, isValidated } = configuration;
  const app = new App(
    isValidated === true ? { ...options, context: { ...options.context, ...VALIDATED_CONTEXT } } : options,
  );
  const environments = configuration.environments.map(
    (environment) => new EnvironmentStack(app, environment.name, { organization, environment }),
  );
  return {
    app,
    environments,
    ...(bootstrap !== undefined && {
      bootstrap: new BootstrapStack(app, BOOTSTRAP, { organization, bootstrap, environments }),
    }),
  };
}
