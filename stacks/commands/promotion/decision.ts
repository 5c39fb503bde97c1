import { LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";
import { detectorInput, type EdgeVersion } from "../../../constructs/edge/edge-settings";
import type { EnvironmentConfig } from "../../../environments/environment-config";
import type { DetectorModel } from "../../../edge-manifests/detector-layer";
import type { Candidate } from "./candidates";

/** What is to become of a version's model. */
export type Decision =
  | {
      readonly promote: true;
      readonly model: DetectorModel;
      readonly candidate: Candidate;
      readonly current?: Candidate;
    }
  | { readonly promote: false; readonly reason: string };

/**
 * Decides whether the newest registered model takes the place of the one that a version has: only one that the detector
 * takes, and that finds no fewer faults.
 *
 * @param models registered ones, the newest first
 * @param store address under which devices read `SHA256/model.onnx`
 */
export function decide(
  environment: EnvironmentConfig,
  version: EdgeVersion,
  models: readonly Candidate[],
  store: string,
): Decision {
  const no = (reason: string): Decision => ({ promote: false, reason });
  const [candidate] = models;
  if (candidate === undefined) {
    return no("no model is registered");
  }
  const { sha256, window } = candidate;
  const named = `model ${candidate.version}`;
  if (version.model?.sha256 === sha256) {
    return no(`${named} is in use already`);
  }
  const unfit = misfits(environment, candidate);
  if (unfit.length > 0) {
    return no(`${named} does not fit: ${unfit.join("; ")}`);
  }
  const current = models.find((one) => one.sha256 === version.model?.sha256);
  if (!(candidate.faultsFound > candidate.faultsFoundBySimpler)) {
    return no(`${named} finds no more faults than a simpler one`);
  }
  if (current !== undefined && candidate.faultsFound < current.faultsFound) {
    return no(
      `${named} finds ${percent(candidate.faultsFound)} of the faults, ${current.version}, which is in use, ${percent(current.faultsFound)}`,
    );
  }
  const uri = `${store.replace(/\/$/, "")}/${sha256}/model.onnx`;
  const model = { uri, sha256, version: candidate.version, window };
  return { promote: true, model, candidate, ...(current && { current }) };
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

/** The pull request's text. */
export function describe(environment: string, version: string, decision: Decision & { promote: true }): string {
  const { candidate, current } = decision;
  const row = (what: string, of: (one: Candidate) => string): string =>
    `| ${what} | ${of(candidate)} | ${current === undefined ? "no model" : of(current)} |`;
  return [
    `Devices of \`${environment}\` whose ring has version \`${version}\` get model \`${candidate.version}\`.`,
    "",
    "| | candidate | in use |",
    "| --- | --- | --- |",
    row("version", (one) => `\`${one.version}\``),
    row("registered", ({ createdAt }) => createdAt),
    row("kind", ({ kind }) => kind.replaceAll(/[^\w-]/g, "")),
    row("injected faults found", ({ faultsFound }) => percent(faultsFound)),
    row("found by a simpler model", ({ faultsFoundBySimpler }) => percent(faultsFoundBySimpler)),
    row("faults that people confirmed, found", ({ confirmedFaults }) => confirmedFaults.replaceAll(/[^\d/]/g, "")),
    row("false alerts a machine and month", ({ falseAlertsPerMachineMonth }) => String(falseAlertsPerMachineMonth)),
    "",
    `SHA-256 \`${candidate.sha256}\`, ${candidate.bytes} bytes, window ${candidate.window}. The checks of this pull request show what`,
    "the change does to recorded alerts and to the deployment. Merged, it rolls out ring by ring; to roll back, revert it.",
    "",
  ].join("\n");
}
