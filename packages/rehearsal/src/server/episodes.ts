import type { AlertEvent } from "../events";
import type { Delivery, Episode } from "./frames";

/** Ids of alert messages whose fate is not known yet. Beyond that the oldest are no longer followed. */
const FOLLOWED_MESSAGES = 20_000;

/** Messages whose fate stays known: it may be known before all their alerts are, as processes report on their own. */
const SETTLED_MESSAGES = 2000;

/** Merges alerts into episodes and follows their messages, in bounded memory. */
export class Episodes {
  private readonly byId = new Map<string, Episode>();
  private readonly episodesOfMessage = new Map<string, Set<string>>();
  private readonly messagesUnderway = new Map<string, number>();
  private readonly settled = new Map<string, "cloud" | "lost">();
  private readonly changed = new Set<string>();

  /** @param limit - how many are kept; closed ones go first, then the oldest */
  constructor(private readonly limit: number) {}

  alert(alert: AlertEvent): void {
    const before = this.byId.get(alert.episodeId);
    const isOver = alert.phase === "closed" && before !== undefined;
    const { time, episodeId, messageId, source, machineId, signal, severity, value, expected, latencyMs } = alert;
    const closedAt = alert.phase === "closed" || source === "streamAnalytics" ? time : before?.closedAt;
    const signals = before?.signals ?? [];
    this.put({
      ...before,
      id: episodeId,
      source,
      machineId,
      signals: isOver || signal === undefined || signals.includes(signal) ? signals : [...signals, signal],
      ...(isOver ? {} : known({ severity, value, expected })),
      message: isOver ? before.message : alert.message,
      openedAt: Math.min(before?.openedAt ?? time, time),
      updatedAt: time,
      // The latency that counts is that of the first alert.
      ...known({ closedAt, latencyMs: before === undefined ? latencyMs : before.latencyMs }),
    });
    if (messageId !== undefined) {
      this.follow(messageId, episodeId);
      const early = this.settled.get(messageId);
      if (early !== undefined) {
        this.settle(messageId, early);
      }
    }
    this.forget();
  }

  /** A message reached the cloud or was lost. Those that carried no alert are soon forgotten. */
  settle(messageId: string, delivery: "cloud" | "lost"): void {
    this.settled.set(messageId, delivery);
    dropOldest(this.settled, SETTLED_MESSAGES);
    const ids = this.episodesOfMessage.get(messageId) ?? [];
    this.episodesOfMessage.delete(messageId);
    for (const id of ids) {
      const underway = (this.messagesUnderway.get(id) ?? 1) - 1;
      this.messagesUnderway.set(id, underway);
      const episode = this.byId.get(id);
      if (episode !== undefined) {
        const now: Delivery = underway > 0 ? "waiting" : delivery;
        this.put({ ...episode, delivery: episode.delivery === "lost" || delivery === "lost" ? "lost" : now });
      }
    }
  }

  /** Those that changed since the last call. */
  takeChanged(): Episode[] {
    const episodes = [...this.changed].flatMap((id) => this.byId.get(id) ?? []);
    this.changed.clear();
    return episodes;
  }

  all(): Episode[] {
    return [...this.byId.values()];
  }

  private put(episode: Episode): void {
    this.byId.set(episode.id, episode);
    this.changed.add(episode.id);
  }

  /** A message may carry alerts of several episodes: Stream Analytics sends rows of one moment together. */
  private follow(messageId: string, episodeId: string): void {
    const ids = this.episodesOfMessage.get(messageId) ?? new Set();
    this.episodesOfMessage.set(messageId, ids);
    if (ids.has(episodeId)) {
      return;
    }
    ids.add(episodeId);
    this.messagesUnderway.set(episodeId, (this.messagesUnderway.get(episodeId) ?? 0) + 1);
    const episode = this.byId.get(episodeId);
    if (episode !== undefined && episode.delivery !== "lost") {
      this.put({ ...episode, delivery: "waiting" });
    }
    dropOldest(this.episodesOfMessage, FOLLOWED_MESSAGES);
  }

  private forget(): void {
    if (this.byId.size <= this.limit) {
      return;
    }
    const [oldest] = this.byId.keys();
    let victim = oldest;
    for (const episode of this.byId.values()) {
      if (episode.closedAt !== undefined) {
        victim = episode.id;
        break;
      }
    }
    if (victim !== undefined) {
      this.byId.delete(victim);
      this.changed.delete(victim);
      this.messagesUnderway.delete(victim);
    }
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  const [oldest] = map.keys();
  if (map.size > limit && oldest !== undefined) {
    map.delete(oldest);
  }
}

/** Without the members that are not known: what was known before stays. */
function known<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
