import { readFileSync } from "node:fs";
import { environments } from "../../environments";
import { organization } from "../../environments/organization";
import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { buildApp } from "../../stacks/app";

/**
 * Checks and synthesizes an environment like the last one, with as many hubs as the first argument says and a fleet of as many devices
 * as the second, which register on their own; prints milliseconds of processor time, bytes of JSON and resources.
 */
const [hubs, devices] = process.argv.slice(2).map(Number);
const model = environments.at(-1);
if (model === undefined || hubs === undefined || devices === undefined || !(hubs >= 1) || !(devices >= 1)) {
  throw new Error("usage: fleet-environment.js HUBS DEVICES");
}
const environment: EnvironmentConfig = {
  ...model,
  hub: {
    ...model.hub,
    stamps: Object.fromEntries(
      Array.from({ length: hubs - 1 }, (_, index) => [`s${String(index + 2).padStart(2, "0")}`, {}]),
    ),
  },
  fleet: { devices },
  provisioning: {
    kind: "dps",
    enrollmentGroups: { fleet: { attestation: { kind: "symmetricKey" }, tags: { site: "aachen", ring: "fleet" } } },
  },
};
withoutTokenTraces(() => {
  const before = process.cpuUsage();
  const { app } = buildApp({ organization, environments: [environment] });
  app.synth();
  const { user, system } = process.cpuUsage(before);
  const path = app.manifest.stacks[environment.name]?.synthesizedStackPath ?? "";
  const text = readFileSync(`${app.outdir}/${path}`, "utf8");
  const { resource } = JSON.parse(text) as { resource: Record<string, object> };
  const resources = Object.values(resource).reduce((sum, byId) => sum + Object.keys(byId).length, 0);
  console.log(JSON.stringify({ ms: (user + system) / 1000, bytes: Buffer.byteLength(text), resources }));
});
