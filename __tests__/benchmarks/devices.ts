import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { App, TerraformStack } from "cdktf";
import { withoutTokenTraces } from "../../constructs/shared/faster-synthesis";
import { HubDataPlane } from "../../constructs/edge/hub-data-plane";
import { IothubDevice } from "../../constructs/edge/iothub-device";

/** Synthesizes a stack of as many devices as the first argument says; prints milliseconds and bytes of JSON. */
const count = Number(process.argv[2]);
if (!Number.isInteger(count) || count < 1) {
  throw new Error("usage: devices.js COUNT");
}
withoutTokenTraces(() => {
  const started = performance.now();
  const app = new App();
  const stack = new TerraformStack(app, "devices");
  new HubDataPlane(stack, "HubDataPlane", { hostname: "bench.azure-devices.net" });
  new IothubDevice(stack, "Devices", {
    devices: Array.from({ length: count }, (_, index) => ({
      id: `factory-${String(index).padStart(5, "0")}`,
      tags: { site: `site-${index % 40}`, ring: index % 10 === 0 ? "canary" : "fleet" },
    })),
    environment: "bench",
    after: [],
  });
  app.synth();
  const ms = performance.now() - started;
  const path = app.manifest.stacks.devices?.synthesizedStackPath ?? "";
  console.log(JSON.stringify({ ms, bytes: readFileSync(`${app.outdir}/${path}`).length }));
});
