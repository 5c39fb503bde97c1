import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import { environments } from "../../environments";
import { organization } from "../../environments/organization";
import { buildApp } from "../../stacks/app";

/** Synthesizes as many environments as the first argument says, all like production. */
const count = Number(process.argv[2]);
const model = environments.at(-1);
if (model === undefined || !Number.isInteger(count)) {
  throw new Error("usage: environments.js COUNT");
}
const many = Array.from({ length: count }, (_, index) => {
  const code = `e${index.toString(36).padStart(2, "0")}`;
  return { ...model, name: code, code };
});
withoutTokenTraces(() => {
  buildApp({ organization, environments: many, isValidated: true }).app.synth();
});
