/** What is wrong with a target condition, and what would be right. */
export interface ConditionMistake {
  readonly problem: string;
  readonly remedy: string;
  /** Whether the hub takes it all the same. @default false */
  readonly isTaken?: boolean;
}

const PIECES = /'[^']*'|<=|>=|!=|<>|[=<>()[\],]|[A-Za-z_$][\w$.-]*|-?\d+(?:\.\d+)?|\S/g;
const WORDS = new Set([
  "and",
  "or",
  "not",
  "in",
  "nin",
  "true",
  "false",
  "null",
  "is_defined",
  "startswith",
  "endswith",
]);

/**
 * What the hub would refuse in a deployment's target condition
 * (learn.microsoft.com/azure/iot-hub/iot-hub-automatic-device-management, target conditions).
 */
export function targetConditionMistakes(condition: string): ConditionMistake[] {
  const mistakes: ConditionMistake[] = [];
  const text = condition.trim();
  if (text === "*") {
    return [];
  }
  if (text === "") {
    return [
      { problem: "an empty target condition reaches no device", remedy: "write a condition, or * for every device" },
    ];
  }
  if (text.includes('"')) {
    mistakes.push({
      problem: "the target condition has double quotes",
      remedy: "put text into single quotes, as every documented target condition does: tags.site = 'aachen'",
      isTaken: true,
    });
  }
  if (!isBalanced(text.replaceAll('"', ""))) {
    mistakes.push({ problem: "the target condition has an open quote or bracket", remedy: "close it" });
    return mistakes;
  }
  // Text in double quotes is not a name: that mistake is told already.
  const pieces = text.replaceAll(/"[^"]*"/g, "''").match(PIECES) ?? [];
  for (const piece of pieces) {
    if (/^[A-Za-z_$]/.test(piece) && !isKnownName(piece)) {
      mistakes.push({
        problem: `the target condition uses ${piece}`,
        remedy: "use deviceId, tags.NAME or properties.reported.NAME; the hub knows no others here",
      });
    }
  }
  if (
    !pieces.some(
      (piece) => /^(<=|>=|!=|<>|=|<|>)$/.test(piece) || /^(in|nin|is_defined|startswith|endswith)$/i.test(piece),
    )
  ) {
    mistakes.push({
      problem: "the target condition compares nothing",
      remedy: "compare a tag, for example tags.environment = 'dev'",
    });
  }
  return mistakes;
}

function isKnownName(name: string): boolean {
  return (
    WORDS.has(name.toLowerCase()) || name === "deviceId" || /^(tags|properties\.reported)\.[\w$-][\w$.-]*$/.test(name)
  );
}

/** Whether quotes and brackets come in pairs. */
function isBalanced(text: string): boolean {
  let level = 0;
  let quote: string | undefined;
  for (const character of text) {
    if (quote !== undefined) {
      quote = character === quote ? undefined : quote;
    } else if (character === "'" || character === '"') {
      quote = character;
    } else if (character === "(") {
      level++;
    } else if (character === ")") {
      level--;
      if (level < 0) {
        return false;
      }
    }
  }
  return level === 0 && quote === undefined;
}
