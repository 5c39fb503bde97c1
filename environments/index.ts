import { dev } from "./dev";
import type { EnvironmentConfig } from "./environment-config";
import { prod } from "./prod";
import { staging } from "./staging";

/** Every environment, in the order in which changes reach them. */
export const environments: readonly EnvironmentConfig[] = [dev, staging, prod];
