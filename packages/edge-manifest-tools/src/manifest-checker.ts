import { type Deployment, openDocument } from "./check/document";
import { Findings, type ManifestFinding, show } from "./check/finding";
import { checkModule, type ModuleEntry } from "./check/module-rules";
import { checkReach, type RouteContext } from "./check/route-context";
import { checkRoute } from "./check/route-rules";
import { checkStorage } from "./check/storage-rules";
import { type ConditionMistake, targetConditionMistakes } from "./check/target-condition";
import { checkTwinPart, checkTwinSize, type TwinPart } from "./check/twin-rules";
import { isObject } from "@edge-anomaly-detection/common";
import { hasPlaceholder } from "./check/placeholder";
import { logText } from "./log-text";
import { DEFAULT_JOB_NAME, type ModuleEndpoints, streamAnalyticsEndpoints } from "./modules";
import type { Route } from "./routing/syntax";

export type { ManifestFinding } from "./check/finding";

/** Modules of a device beside the runtime's own two (learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits, IoT Hub). */
export const MAX_MODULES = 50;

/** What a checker may know beyond the documents. */
export interface CheckOptions {
  /** Aliases of Stream Analytics jobs by name. @default - those of this project's job */
  readonly jobs?: Readonly<Record<string, ModuleEndpoints>>;
  /** Whether the documents are all that a device gets, so that what they lack is missing. @default - true, unless there is a layer without a base */
  readonly complete?: boolean;
  /** Documents that are templates even where they do not look like one: their names say so. @default - none */
  readonly templates?: ReadonlySet<object>;
}

/**
 * Checks the deployments of one device together: a base and its layers, or a base alone, or a layer alone.
 *
 * A document is a deployment (`{ modulesContent }`), a whole one (`{ id, content, priority, targetCondition }`), or a
 * deployment template of the IoT Edge tools.
 *
 * @returns the findings of each document, in the order of the documents
 */
export function checkDeployments(
  documents: readonly Readonly<Record<string, unknown>>[],
  options: CheckOptions = {},
): ManifestFinding[][] {
  const opened = documents.map((document) => {
    const findings = new Findings();
    checkFrame(document, findings);
    return { findings, deployment: openDocument(document, findings, options.templates?.has(document)) };
  });
  const deployments = opened.flatMap(({ deployment }) => deployment ?? []);
  const hasBase = deployments.some(({ isLayered }) => !isLayered);
  const context: RouteContext = {
    modules: new Map(
      byRank(deployments).flatMap(({ modules }) => modules.filter(isOwn).map((module) => [module.id, module])),
    ),
    jobs: options.jobs ?? { [DEFAULT_JOB_NAME]: streamAnalyticsEndpoints(true) },
    isPartial: !(options.complete ?? hasBase),
    hubSchema: byRank(deployments).findLast(({ hubSchema }) => hubSchema !== undefined)?.hubSchema,
  };
  const parsed = opened.map(({ deployment, findings }) =>
    deployment === undefined ? [] : checkContent(deployment, context, findings),
  );
  checkTogether(opened, context, hasBase);
  for (const { deployment, findings } of opened) {
    checkReach(deployment?.modules ?? [], parsed.flat(), context, findings);
  }
  return opened.map(({ findings }) => findings.all);
}

/** Lowest first: of two modules with the same id the higher layer's counts. */
function byRank(deployments: readonly Deployment[]): readonly Deployment[] {
  return [...deployments].sort(
    (a, b) => Number(a.isLayered) - Number(b.isLayered) || (a.priority ?? 0) - (b.priority ?? 0),
  );
}

const isOwn = (module: ModuleEntry): boolean => !module.isSystem;

/** What stands around the content of a whole deployment. */
function checkFrame(document: Readonly<Record<string, unknown>>, findings: Findings): void {
  const { id, priority, targetCondition } = document;
  if (id !== undefined && !hasPlaceholder(id) && !(typeof id === "string" && /^[a-z0-9\-+%_*!']{1,128}$/.test(id))) {
    findings.error(
      "deployment-id",
      "/id",
      `a deployment id of ${show(id)}`,
      "use 1 to 128 lower-case letters, digits and - + % _ * ! '",
    );
  }
  if (
    priority !== undefined &&
    !hasPlaceholder(priority) &&
    !(typeof priority === "number" && Number.isInteger(priority) && priority >= 0)
  ) {
    findings.error("deployment-priority", "/priority", `a priority of ${show(priority)}`, "use a whole number from 0");
  }
  if (typeof targetCondition === "string" && targetCondition.trim() === "") {
    findings.warning(
      "target-condition",
      "/targetCondition",
      "an empty target condition, which reaches no device",
      "write a condition, or * for every device",
    );
  } else if (targetCondition !== undefined && targetCondition !== null && !hasPlaceholder(targetCondition)) {
    const mistakes: readonly ConditionMistake[] =
      typeof targetCondition === "string"
        ? targetConditionMistakes(targetCondition)
        : [{ problem: `a target condition of ${show(targetCondition)}`, remedy: "write text" }];
    for (const { problem, remedy, isTaken = false } of mistakes) {
      findings[isTaken ? "warning" : "error"]("target-condition", "/targetCondition", problem, remedy);
    }
  }
}

function checkContent(deployment: Deployment, context: RouteContext, findings: Findings): Route[] {
  for (const module of deployment.modules) {
    checkModule(module, deployment.isTemplate, findings);
  }
  checkStorage(deployment.modules, findings);
  for (const [id, parts] of deployment.twins) {
    // A template's object createOptions become text when the tools build it.
    for (const part of parts) {
      checkTwinPart(deployment.isTemplate ? withoutCreateOptions(part) : part, findings);
    }
    const isDeployed = id.startsWith("$") || context.modules.has(id) || hasPlaceholder(id);
    const sets = parts.find(({ path, value }) => path.length > 0 || !isObject(value) || Object.keys(value).length > 0);
    if (!isDeployed && sets !== undefined) {
      findings.warning(
        "twin-without-module",
        sets.pointer,
        `settings for ${id}, which is not deployed${context.isPartial ? " by this layer" : ""}`,
        "add the module, or remove its settings",
      );
    }
  }
  return deployment.routes.flatMap((route) => checkRoute(route, context, findings) ?? []);
}

interface Opened {
  readonly deployment: Deployment | undefined;
  readonly findings: Findings;
}

/** What only shows when all layers of a device are seen together. */
function checkTogether(opened: readonly Opened[], context: RouteContext, hasBase: boolean): void {
  checkRanks(opened, context, hasBase);
  const twins = new Map<string, TwinPart[]>();
  for (const { deployment, findings } of opened) {
    for (const [id, parts] of deployment?.twins ?? []) {
      const before = twins.get(id) ?? [];
      const wasFine = fits(id, before);
      const all = [...before, ...parts];
      twins.set(id, all);
      // Told once, by the layer with which a twin becomes too large.
      if (wasFine) {
        checkTwinSize(id, [...parts, ...before], findings);
      }
    }
  }
  const last = opened.findLast(({ deployment }) => deployment?.modules.some(isOwn) === true);
  if (last?.deployment !== undefined && context.modules.size > MAX_MODULES) {
    last.findings.error(
      "module-count",
      last.deployment.modulesPointer,
      `${context.modules.size} modules on one device`,
      `deploy at most ${MAX_MODULES}`,
    );
  }
}

function fits(id: string, parts: readonly TwinPart[]): boolean {
  const findings = new Findings();
  checkTwinSize(id, parts, findings);
  return findings.all.length === 0;
}

function checkRanks(opened: readonly Opened[], context: RouteContext, hasBase: boolean): void {
  const base = opened.find(({ deployment }) => deployment?.isLayered === false)?.deployment;
  const ranks = new Map<number, number>();
  opened.forEach(({ deployment, findings }, index) => {
    if (deployment === undefined) {
      return;
    }
    if (deployment.isLayered && !hasBase) {
      const problem = "a layer without a base: a device that has no base deployment ignores it";
      const remedy = "deploy a base with $edgeAgent and $edgeHub in full, or check the layer together with it";
      if (context.isPartial) {
        findings.warning("layer-without-base", "", problem, remedy);
      } else {
        findings.error("layer-without-base", "", problem, remedy);
      }
    }
    if (deployment.priority === undefined) {
      return;
    }
    const twin = ranks.get(deployment.priority);
    if (twin !== undefined) {
      findings.error(
        "same-priority",
        "/priority",
        `priority ${deployment.priority}, which document ${twin + 1} has too: the younger of the two wins`,
        "give each deployment of a device a priority of its own",
      );
    } else if (deployment.isLayered && base?.priority !== undefined && deployment.priority < base.priority) {
      findings.error(
        "layer-priority",
        "/priority",
        `priority ${deployment.priority} of a layer is below its base's ${base.priority}: devices ignore it`,
        `use a priority above ${base.priority}`,
      );
    }
    ranks.set(deployment.priority, twin ?? index);
  });
}

/** The part without objects in places where a template may have them. */
function withoutCreateOptions(part: TwinPart): TwinPart {
  return { ...part, value: dropCreateOptions(part.value) };
}

function dropCreateOptions(value: unknown): unknown {
  if (!isObject(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === "createOptions" && isObject(inner)))
      .map(([key, inner]) => [key, dropCreateOptions(inner)]),
  );
}

/** A finding on one line: place, what is wrong, what would be right. */
export function describeFinding(finding: ManifestFinding): string {
  const place = finding.pointer === "" ? "(document)" : logText(finding.pointer);
  return `${finding.severity} ${place}: ${finding.problem}; ${finding.remedy} [${finding.rule}]`;
}
