import { collect, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { principalProblems, type Principals } from "../security/principals";

/** A machine that is more than its device. */
export interface TwinMachineSettings {
  /** Id of the device that the machine's messages come through. */
  readonly device: string;
  /** Production line within the device's site, 1 to 128 characters. @default - the device's tag `line` */
  readonly line?: string;
  /** Name for people, 1 to 128 characters. @default - the machine id */
  readonly name?: string;
}

/** An instance of Azure Digital Twins for the plant. */
export interface TwinInstanceSettings {
  /** Who writes episodes to twins: the identities that `npm run -s twin -- follow` runs as. At least one. */
  readonly updaters: Principals;
}

/** What an environment decides about its plant's twin. */
export interface TwinSettings {
  /** Machines by the machine id of anomalies; a device that is named here is no machine itself. @default - each device that no other reaches the hub through is one */
  readonly machines?: Readonly<Record<string, TwinMachineSettings>>;
  /** Instance of Azure Digital Twins, its storage and its queue of episodes. @default - none: the twin's files alone */
  readonly instance?: TwinInstanceSettings;
}

/** Validation errors in an environment's settings for its twin, other than those of machines, which need its devices. */
export function twinInstanceProblems({ updaters }: TwinInstanceSettings): Problem[] {
  return [
    ...under("updaters", principalProblems(updaters)),
    ...collect(
      problemIf(
        Object.keys(updaters).length === 0,
        "updaters",
        updaters,
        "at least one principal",
        "name the identity that npm run -s twin -- follow runs as",
      ),
    ),
  ];
}
