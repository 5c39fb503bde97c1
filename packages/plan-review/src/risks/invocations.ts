import type { Level, Risk } from "../report/report";
import { property } from "../json-values";
import { textsAt } from "./facts";
import type { RiskSubject } from "./changed-resource";

const METHOD_LEVELS: Readonly<Record<string, Level>> = {
  DELETE: "danger",
  POST: "caution",
  PUT: "caution",
  PATCH: "caution",
  GET: "change",
  HEAD: "change",
};

/** Last steps of an action's path that destroy or make keys worthless, whatever the method. */
const DESTROYS =
  /(^|\/)(delete|purge|regenerate\w*|reset\w*|rotate\w*|deallocate|wipe|failover\w*|reimage\w*|revoke\w*)$/i;

/** Types that run something or write past Terraform's model, with the arguments that say what and where. */
const RUNS: readonly (readonly [types: RegExp, verb: string, what: readonly string[], where: readonly string[]])[] = [
  [/^azapi_data_plane_resource$/, "Writes to the data plane", ["type", "name"], ["parent_id"]],
  [/^azapi_update_resource$/, "Writes to", ["type"], ["resource_id", "parent_id"]],
  [/_run_command$/, "Runs a command", ["name"], ["virtual_machine_id"]],
  [
    /^azurerm_\w*virtual_machine\w*_extension$/,
    "Runs an extension",
    ["publisher", "type"],
    ["virtual_machine_id", "virtual_machine_scale_set_id"],
  ],
  [/^azurerm_resource_deployment_script_/, "Runs a script", ["name"], ["resource_group_name"]],
  [
    /_template_deployment$/,
    "Deploys a template, whose resources are not checked here",
    ["name"],
    ["resource_group_name"],
  ],
  [
    /^azurerm_(kusto_script|container_registry_task_schedule_run_now)$/,
    "Runs a script",
    ["name"],
    ["database_id", "container_registry_task_id"],
  ],
  [/^aws_(lambda_invocation|ssm_association)$/, "Invokes", ["function_name", "name"], []],
];

/** Whether a rule about what is run knows a type. */
export const isInvocation = (type: string): boolean =>
  type === "azapi_resource_action" || RUNS.some(([types]) => types.test(type));

/** Which method is called on what, and what is run where. */
export function invocationRisks({ type, action, before, after, unknown, shown }: RiskSubject): Risk[] {
  if (type === "azapi_resource_action") {
    const isAtDestroy = [before, after].some((side) => property(side, "when") === "destroy");
    return (action === "delete") === isAtDestroy
      ? actionRisks(action === "delete" ? before : after, unknown, shown)
      : [];
  }
  if (action === "delete") {
    return [];
  }
  const run = RUNS.find(([types]) => types.test(type));
  if (run === undefined) {
    return [];
  }
  const [, verb, what, where] = run;
  const on = textsAt(after, where)[0];
  const named = textsAt(after, what).join(", ");
  return [
    {
      kind: "invocation",
      level: "caution",
      text: shown(`${verb}${named === "" ? "" : ` (${named})`}${on === undefined ? "" : ` on ${on}`}.`),
    },
  ];
}

function actionRisks(value: unknown, unknown: unknown, shown: (text: string) => string): Risk[] {
  // azapi calls POST where nothing is said.
  const method = (textsAt(value, ["method"])[0] ?? "POST").toUpperCase();
  const name = textsAt(value, ["action"])[0] ?? "";
  const target =
    textsAt(value, ["resource_id"])[0] ??
    (property(unknown, "resource_id") === true ? "(known after apply)" : "an unnamed resource");
  const level = DESTROYS.test(name) ? "danger" : (METHOD_LEVELS[method] ?? "caution");
  return level === "change"
    ? []
    : [{ kind: "invocation", level, text: shown(`Calls ${method}${name === "" ? "" : ` ${name}`} on ${target}.`) }];
}
