import type { Delivery, Episode } from "../../src/server/frames";

/** Rows of Stream Analytics that follow each other within this time are one entry of the list. */
const TOGETHER_MS = 60_000;

/** What the list shows as one entry: an episode of the detector, or rows of Stream Analytics that belong together. */
export interface AlertGroup {
  /** The first of them, for the words. */
  readonly episode: Episode;
  readonly latestAt: number;
  readonly id: string;
  readonly amount: number;
  readonly signals: readonly string[];
  readonly openedAt: number;
  readonly delivery: Delivery | undefined;
}

/** Open ones first, then the latest; of one moment the detector first. */
export function groupAlerts(episodes: Iterable<Episode>): AlertGroup[] {
  const groups: AlertGroup[] = [];
  const latestRows = new Map<string, number>();
  for (const episode of [...episodes].sort((a, b) => a.openedAt - b.openedAt)) {
    const index = episode.source === "streamAnalytics" ? latestRows.get(episode.machineId) : undefined;
    const before = index === undefined ? undefined : groups[index];
    if (index !== undefined && before !== undefined && episode.openedAt - before.latestAt <= TOGETHER_MS) {
      groups[index] = {
        ...before,
        latestAt: episode.openedAt,
        amount: before.amount + 1,
        signals: [...new Set([...before.signals, ...episode.signals])],
        delivery: worst(before.delivery, episode.delivery),
      };
      continue;
    }
    const { id, signals, openedAt, delivery } = episode;
    groups.push({ episode, latestAt: openedAt, id, amount: 1, signals, openedAt, delivery });
    if (episode.source === "streamAnalytics") {
      latestRows.set(episode.machineId, groups.length - 1);
    }
  }
  return groups.sort(
    (a, b) =>
      Number(a.episode.closedAt !== undefined) - Number(b.episode.closedAt !== undefined) ||
      b.openedAt - a.openedAt ||
      a.episode.source.localeCompare(b.episode.source),
  );
}

/** A group is in the cloud once all of it is. */
function worst(a: Delivery | undefined, b: Delivery | undefined): Delivery | undefined {
  return (["lost", "waiting", "cloud"] as const).find((delivery) => delivery === a || delivery === b);
}

/** Whether an entry must be drawn anew. */
export function sameGroup(a: AlertGroup, b: AlertGroup): boolean {
  return a.episode === b.episode && a.amount === b.amount && a.delivery === b.delivery;
}
