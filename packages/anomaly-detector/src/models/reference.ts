import type { Reference } from "./watch";

/** Edges of a histogram, at most. */
const MAX_EDGES = 31;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(Number.isFinite);
const isRising = (edges: readonly number[]): boolean => edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? 0));

/** What a model's metadata say of its training; undefined where it is not sound. */
export function parseReference(text: string): Reference | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { edges, correlation, machines } = fieldsOf(value);
  if (!Array.isArray(edges) || !isNumbers(correlation) || typeof machines !== "object" || machines === null) {
    return undefined;
  }
  const bins: number[] = [];
  for (const each of edges as readonly unknown[]) {
    if (!isNumbers(each) || each.length > MAX_EDGES || !isRising(each)) return undefined;
    bins.push(each.length + 1);
  }
  const isShares = (shares: unknown, i: number): boolean =>
    isNumbers(shares) && shares.length === bins[i] && shares.every((share) => share >= 0);
  const isMachine = (machine: unknown): boolean => {
    const { samples, shares } = fieldsOf(machine);
    const isCount = Number.isFinite(samples) && Number(samples) > 0;
    return isCount && Array.isArray(shares) && shares.length === bins.length && shares.every(isShares);
  };
  const isSound =
    correlation.length === bins.length &&
    correlation.every((each) => each >= 1) &&
    Object.values(machines).every(isMachine);
  return isSound ? (value as Reference) : undefined;
}
