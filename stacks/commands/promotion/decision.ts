import { LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";
import { detectorInput, type EdgeVersion } from "../../../constructs/edge/edge-settings";
import type { EnvironmentConfig } from "../../../environments/environment-config";
import { FROM_SOURCE } from "../../../edge-manifests/image-sources";
import type { DetectorModel } from "../../../edge-manifests/detector-layer";
import type { Candidate } from "./candidates";
import { changedVersion, type VersionChange } from "./edit";

/** What of a version is to change, besides the newest model. */
export interface PromotionOptions {
  /** Let the newest model run as a shadow beside the one in use. @default false */
  readonly shadow?: boolean;
  /** Another detector: tag and digest. @default - the version's own */
  readonly detector?: string;
}

/** What is to become of a version's models. */
export type Decision =
  | {
      readonly promote: true;
      readonly change: VersionChange;
      readonly candidate?: Candidate;
      readonly current?: Candidate;
    }
  | { readonly promote: false; readonly reason: string };

/**
 * Decides whether the newest registered model takes the place of the one that a version has: only one that the detector
 * takes, and that finds no fewer faults.
 *
 * @param models registered ones, the newest first
 */
export function decide(
  environment: EnvironmentConfig,
  version: EdgeVersion,
  models: readonly Candidate[],
  { shadow = false, detector }: PromotionOptions = {},
): Decision {
  const withDetector = detector === undefined || detector === version.detector ? {} : { detector };
  // Another detector needs its image anew, also with the model that is in use.
  const no = (reason: string): Decision =>
    "detector" in withDetector ? { promote: true, change: withDetector } : { promote: false, reason };
  if ((detector ?? version.detector) === FROM_SOURCE) {
    return {
      promote: false,
      reason: "the version's detector is built from source; modelImage: source takes models there",
    };
  }
  const [candidate] = models;
  if (candidate === undefined) {
    return no("no model is registered");
  }
  const { sha256, window } = candidate;
  const named = `model ${candidate.version}`;
  if (version.model?.sha256 === sha256) {
    return no(`${named} is in use already`);
  }
  if (shadow && version.shadowModel?.sha256 === sha256) {
    return no(`${named} is the shadow model already`);
  }
  if (shadow && version.model === undefined) {
    return no("there is no model in use to run a shadow beside");
  }
  const unfit = misfits(environment, candidate);
  if (unfit.length > 0) {
    return no(`${named} does not fit: ${unfit.join("; ")}`);
  }
  if (!(candidate.faultsFound > candidate.faultsFoundBySimpler)) {
    return no(`${named} finds no more faults than a simpler one`);
  }
  if (candidate.faultsFound <= candidate.faultsFoundByDetector) {
    return no(`${named} finds no more faults than the detector without a model`);
  }
  const current = models.find((one) => one.sha256 === version.model?.sha256);
  if (current !== undefined && candidate.faultsFound < current.faultsFound) {
    return no(
      `${named} finds ${percent(candidate.faultsFound)} of the faults, ${current.version}, which is in use, ${percent(current.faultsFound)}`,
    );
  }
  const store = environment.edge?.modelStore?.replace(/\/$/, "");
  const uri = store === undefined ? undefined : `${store}/${sha256}/model.onnx`;
  const model: DetectorModel = { ...(uri !== undefined && { uri }), version: candidate.version, sha256, window };
  const isPromotedShadow = version.shadowModel?.sha256 === sha256;
  const change: VersionChange = {
    ...withDetector,
    ...(shadow ? { shadowModel: model } : { model, ...(isPromotedShadow && { shadowModel: null }) }),
  };
  return { promote: true, change, candidate, ...(current && { current }) };
}

/** The change with the image that it needs, or without one where each model has an address. */
export function withImage(version: EdgeVersion, change: VersionChange, image: string | undefined): VersionChange {
  const { model, shadowModel, modelImage } = changedVersion(version, change);
  const isHeld = [model, shadowModel].some((one) => one !== undefined && one.uri === undefined);
  if (isHeld) {
    return { ...change, ...(image !== undefined && { modelImage: image }) };
  }
  return { ...change, ...(modelImage !== undefined && { modelImage: null }) };
}

/** Why the detector of an environment would refuse a model. */
function misfits(environment: EnvironmentConfig, candidate: Candidate): string[] {
  const { signals } = detectorInput(environment.streamAnalytics ?? {});
  const names = Object.keys(signals).join();
  const { sha256, version, window, bytes } = candidate;
  return [
    ...(new RegExp(PATTERNS.sha256).test(sha256) ? [] : ["its hash is none"]),
    ...(new RegExp(PATTERNS.modelVersion).test(version) ? [] : ["its version is no name"]),
    ...(within(window, LIMITS.modelWindow) ? [] : [`its window is ${window}`]),
    ...(within(bytes, LIMITS.modelBytes) ? [] : [`its size is ${bytes} bytes`]),
    ...(candidate.signals.join() === names ? [] : [`it takes ${candidate.signals.join()}, devices send ${names}`]),
  ];
}

const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The pull request's title. */
export function titleOf(
  environment: string,
  version: string,
  { change, candidate }: Decision & { promote: true },
): string {
  const what = [
    ...(candidate === undefined ? [] : [`model ${candidate.version}${change.shadowModel ? " as a shadow" : ""}`]),
    ...(typeof change.detector !== "string" ? [] : [`detector ${change.detector.replace(/@.*/, "")}`]),
  ];
  return `Promote ${what.join(" and ")} to ${environment}, version ${version}`;
}

/** The pull request's text. */
export function describe(environment: string, version: string, decision: Decision & { promote: true }): string {
  const { change, candidate, current } = decision;
  const row = (what: string, of: (one: Candidate) => string): string =>
    candidate === undefined
      ? ""
      : `| ${what} | ${of(candidate)} | ${current === undefined ? "no model" : of(current)} |`;
  const devices = `Devices of \`${environment}\` whose ring has version \`${version}\``;
  return [
    ...(typeof change.detector !== "string" ? [] : [`${devices} get the detector \`${change.detector}\`.`, ""]),
    ...(candidate === undefined
      ? []
      : [
          change.shadowModel
            ? `${devices} run model \`${candidate.version}\` as a shadow: it is scored and reported beside the one in use, and never alerts.`
            : `${devices} get model \`${candidate.version}\`.`,
          "",
          "| | candidate | in use |",
          "| --- | --- | --- |",
          row("version", (one) => `\`${one.version}\``),
          row("registered", ({ createdAt }) => createdAt),
          row("kind", ({ kind }) => kind.replaceAll(/[^\w-]/g, "")),
          row("injected faults found", ({ faultsFound }) => percent(faultsFound)),
          row("found by a simpler model", ({ faultsFoundBySimpler }) => percent(faultsFoundBySimpler)),
          row("found by the detector without a model", ({ faultsFoundByDetector }) =>
            // A file has no NaN: it is null there.
            Number.isFinite(faultsFoundByDetector) ? percent(faultsFoundByDetector) : "not compared",
          ),
          row("faults that people confirmed, found", ({ confirmedFaults }) =>
            confirmedFaults.replaceAll(/[^\d/]/g, ""),
          ),
          row("false alerts a machine and month", ({ falseAlertsPerMachineMonth }) =>
            String(falseAlertsPerMachineMonth),
          ),
          "",
          `SHA-256 \`${candidate.sha256}\`, ${candidate.bytes} bytes, window ${candidate.window}.`,
        ]),
    ...(typeof change.modelImage !== "string"
      ? []
      : [`The image \`${change.modelImage}\` holds the models, on top of the detector.`]),
    "",
    "The checks of this pull request show what the change does to the deployment. What a model does to alerts on recorded data is missing:",
    "the replay runs detectors without it. Where the model's file is at hand, `npm run -s detect -- --env ENVIRONMENT --models models FILE` shows it.",
    "Merged, the change rolls out ring by ring; to roll back, revert it.",
    "",
  ].join("\n");
}
