import type { DiagnosticKind } from "../../monitoring/diagnostic-setting";
import type { PolicyContext } from "../policy-context";
import { referencesIn } from "../policy-context";
import { type Rule, verdictOf } from "../rule";
import type { WrittenElement } from "../written-element";

interface Watched {
  /** Kinds of resources that have these diagnostics. */
  readonly kinds: readonly string[];
  /** What stands behind the resource's id in a setting's target. */
  readonly suffix: string;
}

/** What can be watched, as `DIAGNOSTIC_CATEGORIES` knows it. */
const WATCHED: Readonly<Record<DiagnosticKind, Watched>> = {
  blobService: { kinds: ["azurerm_storage_account"], suffix: "/blobServices/default" },
  containerRegistry: { kinds: ["azurerm_container_registry"], suffix: "" },
  digitalTwins: { kinds: ["azapi_resource:microsoft.digitaltwins/digitaltwinsinstances"], suffix: "" },
  iotHub: { kinds: ["azurerm_iothub"], suffix: "" },
  keyVault: { kinds: ["azurerm_key_vault"], suffix: "" },
  logAnalyticsWorkspace: { kinds: ["azurerm_log_analytics_workspace"], suffix: "" },
  machineLearningWorkspace: {
    kinds: ["azapi_resource:microsoft.machinelearningservices/workspaces", "azurerm_machine_learning_workspace"],
    suffix: "",
  },
  serviceBusNamespace: { kinds: ["azurerm_servicebus_namespace"], suffix: "" },
  provisioningService: { kinds: ["azapi_resource:microsoft.devices/provisioningservices"], suffix: "" },
  storageAccount: { kinds: ["azurerm_storage_account"], suffix: "" },
  streamAnalyticsJob: {
    kinds: ["azapi_resource:microsoft.streamanalytics/streamingjobs", "azurerm_stream_analytics_job"],
    suffix: "",
  },
};

interface Target {
  readonly text: string;
  readonly addresses: ReadonlySet<string>;
}

/** Where the settings of a stack point, found once for all of its resources. */
const targetsOfStack = new WeakMap<readonly WrittenElement[], readonly Target[]>();

export const diagnosticsPresent: Rule = {
  id: "diagnostics-present",
  level: "error",
  what: "Everything that has diagnostics has a diagnostic setting.",
  why: "What was not recorded when it happened cannot be looked up afterwards.",
  checkov: [],
  psrule: ["Azure.ACR.Logs", "Azure.KeyVault.Logs"],
  kinds: Object.values(WATCHED).flatMap(({ kinds }) => kinds),
  check: (subject, context) => {
    const wanted = Object.values(WATCHED).filter(({ kinds }) => kinds.includes(subject.kind));
    const targets = targetsIn(context);
    const missing = wanted.filter(
      ({ suffix }) =>
        !targets.some(({ text, addresses }) => addresses.has(subject.address) && text.endsWith(`}${suffix}`)),
    );
    if (missing.length > 0 && targets.some(({ addresses }) => addresses.size === 0)) {
      return {
        kind: "not-applicable",
        because: "the target of a diagnostic setting is known only when Terraform applies",
      };
    }
    return verdictOf(
      missing.map(({ suffix }) => ({
        path: suffix === "" ? "diagnostic setting" : `diagnostic setting on ${suffix.slice(1)}`,
        value: undefined,
        allowed: "at least one",
        remedy: "watch it with constructs/monitoring/diagnostic-setting.ts",
      })),
    );
  },
};

function targetsIn({ subjects }: PolicyContext): readonly Target[] {
  const known = targetsOfStack.get(subjects);
  if (known !== undefined) {
    return known;
  }
  const targets = subjects
    .filter(({ kind }) => kind === "azurerm_monitor_diagnostic_setting")
    .map((setting) => {
      const text = String(setting.text("target_resource_id"));
      // With for_each the targets stand in its map.
      return { text, addresses: referencesIn([text, setting.text("for_each")]) };
    });
  targetsOfStack.set(subjects, targets);
  return targets;
}
