import { actionsInWords } from "./actions";
import { differencesOf } from "./differences";
import { manifestDetails } from "./manifest-differences";
import type { ValueChange } from "../plan/plan";
import type { Change, Detail } from "../report/report";
import { isSecretProperty, marksAnything, wholeOf, within } from "../plan/sensitive";
import { SensitiveTexts } from "../plan/sensitive-texts";
import { shortened } from "../show-values";
import { visible } from "@edge-anomaly-detection/common";

/** Longest name that is shown. */
const MAX_NAME = 400;

/** What happens to an output; nothing where nothing does. */
export function outputChangeOf(source: string, name: string, change: ValueChange): Change | undefined {
  const action = actionsInWords(change.actions);
  if (action === undefined) {
    return undefined;
  }
  const isSecret = isSecretProperty({}, name, change.after ?? change.before, wholeOf(undefined));
  const before_sensitive = isSecret || change.before_sensitive;
  const after_sensitive = isSecret || change.after_sensitive;
  const place = within(wholeOf(undefined), name);
  const texts = new SensitiveTexts(place);
  for (const value of [change.before, change.after]) {
    texts.collect(value, before_sensitive);
    texts.collect(value, after_sensitive);
  }
  const { details, folded } = differencesOf(
    {
      before: change.before,
      after: change.after,
      unknown: change.after_unknown,
      beforeMark: before_sensitive,
      afterMark: after_sensitive,
    },
    { clean: texts.clean, place, documentDetails: manifestDetails },
  );
  const isNothing = details.length === 0 && folded.length === 0;
  const unknown: Detail = { kind: "unknown", path: "", forcesReplacement: false };
  return isNothing && action === "update"
    ? undefined
    : {
        source,
        address: visible(shortened(`output.${texts.clean(name)}`, MAX_NAME)),
        type: "output",
        action,
        level: "change",
        risks: [],
        forcedBy: [],
        details: details.length === 0 && marksAnything(change.after_unknown) ? [unknown] : details,
        folded: details.length === 0 && !marksAnything(change.after_unknown) ? folded : [],
      };
}
