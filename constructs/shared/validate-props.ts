import { assertValid, type Problem } from "@edge-anomaly-detection/common";
import type { IConstruct } from "constructs";

/** Key in the context of a tree of constructs whose settings were validated before it was made. */
const VALIDATED = "edge-anomaly-detection/settings-validated";

/** Context of an app whose whole configuration was validated: its constructs do not validate their settings again. */
export const VALIDATED_CONTEXT: Readonly<Record<string, unknown>> = { [VALIDATED]: true };

/**
 * Validates the settings of a construct, unless what it is part of has validated them: an environment's settings are validated
 * once, as a whole, and a construct that is used alone validates its own. What no configuration can say beforehand (what other
 * constructs computed) is checked by `assertValid`, always.
 *
 * @param problems finds the problems; not called where the settings are known to be valid
 * @throws ValidationError with all of them
 */
export function validateProps(construct: IConstruct, problems: () => readonly Problem[]): void {
  if (construct.node.tryGetContext(VALIDATED) !== true) {
    assertValid(construct.node.path, problems());
  }
}

/** The same for a construct whose settings include those of everything in it: what it contains does not validate again. */
export function validateForAll(construct: IConstruct, problems: () => readonly Problem[]): void {
  validateProps(construct, problems);
  construct.node.setContext(VALIDATED, true);
}
