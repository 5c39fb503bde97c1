/** What recorded data can have that readers should know of, and what is done with it. */
export const FAULT_KINDS = {
  encoding: "bytes that are not valid in the file's encoding; they were replaced",
  columnCount: "rows with more or fewer fields than the header; what is there was read",
  brokenQuotes: "rows whose quotes do not end; left out",
  notJson: "lines that are not a JSON object; left out",
  longLine: "lines of more than 1 MB; left out",
  missingTime: "rows without a time; left out",
  badTime: "rows whose time cannot be read; left out",
  skippedHour: "local times that do not exist, when clocks go forward; read as an hour later",
  repeatedHour: "local times that exist twice, when clocks go back; read as the first",
  notNumber: "values that are not numbers; left out, the row's other signals were read",
  noValue: "rows without a value for any signal; left out",
  unknownColumn: "columns that match no signal; not read",
  unknownTag: "rows whose tag matches no signal; left out",
  unknownMachine: "machines that the environment does not name; the Stream Analytics query does not watch them",
  duplicate: "rows that repeat a machine's time and values; left out",
  conflict: "rows that repeat a machine's time with other values; the first was read",
  outOfOrder: "rows older than one before them; put in order",
  tooLate: "rows older than what is held to put rows in order; left out",
  gap: "pauses of more than ten intervals",
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

export interface Fault {
  readonly kind: FaultKind;
  readonly meaning: string;
  readonly count: number;
  /** Line of the file where it was first seen, from 1. */
  readonly firstLine: number;
  /** What stands there. */
  readonly example?: string;
}

/** Counts faults: each kind is told once, whatever the size of the file. */
export class FaultLog {
  private readonly faults = new Map<FaultKind, { count: number; firstLine: number; example?: string }>();

  public add(kind: FaultKind, line: number, example?: string): void {
    const known = this.faults.get(kind);
    if (known === undefined) {
      this.faults.set(kind, {
        count: 1,
        firstLine: line,
        ...(example !== undefined && { example: shortened(example) }),
      });
      return;
    }
    known.count += 1;
    if (line < known.firstLine) {
      known.firstLine = line;
      if (example !== undefined) known.example = shortened(example);
    }
  }

  public count(kind: FaultKind): number {
    return this.faults.get(kind)?.count ?? 0;
  }

  /** In the order of {@link FAULT_KINDS}. */
  public list(): Fault[] {
    return (Object.keys(FAULT_KINDS) as FaultKind[]).flatMap((kind) => {
      const fault = this.faults.get(kind);
      return fault === undefined ? [] : [{ kind, meaning: FAULT_KINDS[kind], ...fault }];
    });
  }
}

/** Recorded data stand in reports: control characters would forge lines of them. */
function shortened(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, "·");
  return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain;
}

/** Why data cannot be replayed at all; says what to do. */
export class DataError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "DataError";
  }
}
