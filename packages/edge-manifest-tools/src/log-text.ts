import { visible } from "@edge-anomaly-detection/common";

/**
 * A text on one line that cannot pass for anything else in a pipeline's log: characters that nobody sees are shown by their
 * numbers, and so is what makes a line a command (`::error::`, `##[error]`, `##vso[…]`).
 */
export function logText(text: string): string {
  return visible(text)
    .replace(/^\s*::/, (match) => match.replace("::", "⟨U+003A⟩:"))
    .replaceAll(/##(?=\[|vso\[)/gi, "#⟨U+0023⟩");
}
