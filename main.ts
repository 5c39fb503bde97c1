import { loadConfiguration } from "./environments/validation/load";
import { buildApp } from "./stacks/app";
import { synthesize } from "./stacks/commands/synth";

synthesize(() => buildApp(loadConfiguration()).app);
