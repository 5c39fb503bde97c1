import type { EnvironmentConfig } from "../../../environments/environment-config";
import type { EdgeSettings } from "../../../constructs/edge/edge-settings";
import { minimal } from "../../support/environments";

/** What is recorded: a plan from the base, as it was applied, to a record; by the name of its file. */
export interface Scenario {
  readonly record: EnvironmentConfig;
  /** Further arguments of `terraform plan`. */
  readonly args?: readonly string[];
  /** Make a precondition fail. */
  readonly fails?: boolean;
}

const edge: EdgeSettings = {
  devices: [{ id: "press-01" }, { id: "press-02" }],
  versions: { current: { detector: "1.0.0" } },
  rings: { all: { version: "current" } },
};

/** An environment with two devices in one ring. */
export const base: EnvironmentConfig = { ...minimal, name: "plant", streamAnalytics: {}, edge };

/** The base's hub, as `stacks/environment-stack.ts` names it. */
export const HUB = "azurerm_iothub.Hub_C5CB2B3F";

export const scenarios: Readonly<Record<string, Scenario>> = {
  "no-change": { record: base },
  "changed-query": { record: { ...base, streamAnalytics: { sampleIntervalSeconds: 10 } } },
  "changed-module-image": {
    record: { ...base, edge: { ...edge, versions: { current: { detector: "1.1.0" } } } },
  },
  "device-added": {
    record: { ...base, edge: { ...edge, devices: [{ id: "press-00" }, ...(edge.devices ?? [])] } },
  },
  "device-removed": { record: { ...base, edge: { ...edge, devices: [{ id: "press-01" }] } } },
  // The schema-only providers know of no argument that forces a replacement.
  "hub-replaced": { record: base, args: [`-replace=${HUB}`] },
  // Without the job there is nothing to publish, and no account that keeps packages.
  "storage-account-destroyed": { record: { ...base, edge: { ...edge, analysers: { streamAnalytics: false } } } },
  failed: { record: base, fails: true },
};
