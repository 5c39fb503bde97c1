import { App } from "cdktf";
import { withoutTokenTraces } from "../../stacks/commands/synth";
import { environments } from "../../environments";
import { organization } from "../../environments/organization";
import { EnvironmentStack } from "../../stacks/environment-stack";

/** Synthesizes as many environments as the first argument says, all like production. */
const count = Number(process.argv[2]);
const model = environments.at(-1);
if (model === undefined || !Number.isInteger(count)) {
  throw new Error("usage: environments.js COUNT");
}
withoutTokenTraces(() => {
  const app = new App();
  for (let index = 0; index < count; index += 1) {
    const code = `e${index.toString(36).padStart(2, "0")}`;
    new EnvironmentStack(app, code, { organization, environment: { ...model, name: code, code } });
  }
  app.synth();
});
