import type { EnvironmentConfig } from "../../../environments/environment-config";
import type { EdgeSettings } from "../../../constructs/edge/edge-settings";
import { minimal } from "../../support/environments";

/** What is recorded: a plan from the base, as it was applied, to a record; by the name of its file. */
export interface Scenario {
  readonly record: EnvironmentConfig;
  /** Changes one block in the stack's JSON, for what no record says. */
  readonly edit?: { readonly type: string; readonly change: (block: Block) => Block };
}

/** A resource in a stack's JSON. */
export type Block = Readonly<Record<string, unknown>>;

/** A condition that never holds. */
const FAILING = {
  precondition: [{ condition: '${terraform.workspace == "nowhere"}', error_message: "This plan is made to fail." }],
};

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
  // As where somebody overrides the construct: a hub cannot have its lowest TLS version changed.
  "hub-replaced": {
    record: base,
    edit: { type: "azurerm_iothub", change: (block) => ({ ...block, min_tls_version: undefined }) },
  },
  // Without the job there is nothing to publish, and no account that keeps packages.
  "storage-account-destroyed": { record: { ...base, edge: { ...edge, analysers: { streamAnalytics: false } } } },
  failed: {
    record: base,
    edit: { type: "azurerm_resource_group", change: (block) => ({ ...block, lifecycle: FAILING }) },
  },
};
