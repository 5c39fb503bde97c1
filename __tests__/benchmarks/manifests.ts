import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, median, type Usage } from "./program";

/** What is measured; the aim is for 5,000 manifests: under 10 s. */
const COUNTS = [500, 5_000];
const MODULES = 20;
const MANIFEST = join(__dirname, "..", "..", "stacks", "commands", "manifest.js");

/** A manifest of 20 modules with container options, a twin and routes with conditions, about 14 KB. */
function manifest(index: number): object {
  const names = Array.from({ length: MODULES }, (_, module) => `module${index}n${module}`);
  const createOptions = JSON.stringify({ HostConfig: { PortBindings: { "443/tcp": [{ HostPort: "443" }] } } });
  const settings = (image: string): object => ({ image, createOptions });
  const policies = { type: "docker", status: "running", restartPolicy: "always" };
  const agent = {
    schemaVersion: "1.1",
    runtime: { type: "docker", settings: { minDockerVersion: "v1.25" } },
    systemModules: {
      edgeAgent: { type: "docker", settings: settings("mcr.microsoft.com/azureiotedge-agent:1.6.1") },
      edgeHub: { ...policies, settings: settings("mcr.microsoft.com/azureiotedge-hub:1.6.1") },
    },
    modules: Object.fromEntries(
      names.map((name) => [
        name,
        { ...policies, env: { LEVEL: { value: "info" } }, settings: settings(`registry.example/${name}:1.0.${index}`) },
      ]),
    ),
  };
  const routes = Object.fromEntries(
    names.map((name, module) => [
      name,
      {
        route: `FROM /messages/modules/${name}/outputs/* WHERE level = 'high' AND as_number(value) > ${module} INTO $upstream`,
        priority: module % 10,
      },
    ]),
  );
  return {
    modulesContent: {
      $edgeAgent: { "properties.desired": agent },
      $edgeHub: {
        "properties.desired": {
          schemaVersion: "1.1",
          routes,
          storeAndForwardConfiguration: { timeToLiveSecs: 7200 },
        },
      },
      [names[0] ?? ""]: { "properties.desired": { signals: { temperature: "machine.temperature" }, window: 100 } },
    },
  };
}

/** What checking folders of manifests costs, each in one process; medians. */
export function benchManifests(rounds: number): object[] {
  return COUNTS.map((count) => {
    const folder = mkdtempSync(join(tmpdir(), "bench-manifests-"));
    for (let index = 0; index < count; index += 1) {
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(manifest(index), undefined, 2));
    }
    const samples: Usage[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      process.stderr.write(`${count} manifests, round ${round} of ${rounds}\n`);
      samples.push(measure([MANIFEST, "check", folder]));
    }
    rmSync(folder, { recursive: true });
    return {
      manifests: count,
      ms: Math.round(median(samples.map(({ ms }) => ms))),
      peakMb: Math.round(median(samples.map(({ peakMb }) => peakMb))),
    };
  });
}
