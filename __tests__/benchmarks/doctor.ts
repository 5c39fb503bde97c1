import { examine } from "@edge-anomaly-detection/doctor";
import { AzureStandIn, tokenFor } from "../../packages/doctor/__tests__/support/azure";
import { expectationsFor } from "../doctor/environment";
import { withFleet } from "../doctor/fleet";
import { runBenchmark } from "./program";

const COUNTS = [4, 1_000, 10_000, 100_000];

const HELP = `Examines fleets of 4 to 100,000 devices against stand-ins on this machine and prints JSON.

  npm run bench:doctor              1 round
  npm run bench:doctor -- --rounds N
  npm run bench:doctor -- --help    print this

  healthy  nothing is wrong
  broken   half of the devices are silent, and every tenth module does not run

Seconds include the stand-in's own work, which goes through every twin for each query. Aim: under 60 s with 100,000 devices.`;

interface Result {
  readonly devices: number;
  readonly healthy: { readonly seconds: number; readonly requests: number };
  readonly broken: { readonly seconds: number; readonly requests: number; readonly findings: number };
}

async function bench(rounds: number): Promise<object> {
  const expected = expectationsFor();
  const results: Result[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const devices of COUNTS) {
      process.stderr.write(`doctor: ${devices} devices\n`);
      const fleet = withFleet(expected, devices);
      const azure = new AzureStandIn(fleet);
      const endpoints = await azure.start();
      const look = async (): ReturnType<typeof examine> =>
        examine({ expected: fleet, tokenFor, endpoints, now: azure.plant.now });
      const healthy = await look();
      if (healthy.verdict !== "healthy") {
        throw new Error(`a healthy fleet is ${healthy.verdict}`);
      }
      azure.plant.devices.forEach((device, index) => {
        if (index % 2 === 0) {
          Object.assign(device, { connectionState: "Disconnected", lastActivityTime: "2026-11-25T01:00:00Z" });
        }
      });
      azure.plant.modules
        .filter(({ moduleId }) => moduleId === "$edgeAgent")
        .forEach(({ properties }, index) => {
          if (index % 10 === 1) properties.reported.modules = {};
        });
      const broken = await look();
      await azure.stop();
      results.push({
        devices,
        healthy: { seconds: healthy.seconds, requests: healthy.requests },
        broken: { seconds: broken.seconds, requests: broken.requests, findings: broken.findings.length },
      });
    }
  }
  return { results };
}

runBenchmark(HELP, 1, bench);
