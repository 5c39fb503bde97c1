import type { Alert } from "./alerts";
import type { OutboxMessage } from "./outbox";

/** What has to be known of an episode to end it where its machine's state is lost. */
export type OpenEpisode = Alert;

/**
 * Episodes that the hub was told of and was not told the end of. They are kept apart from what is learnt of machines,
 * which a kill in a storm of alerts, a damaged file or another version of the detector may cost: an episode that the
 * detector does not know any more is closed by what is kept here.
 */
export class OpenEpisodes {
  private readonly episodes = new Map<string, OpenEpisode>();

  /** Follows what is told: in the order in which it is told. */
  public note({ output, body }: OutboxMessage): void {
    if (output !== "anomalyOutput") return;
    const alert = JSON.parse(body) as Alert;
    if (alert.phase === "closed") this.episodes.delete(alert.episodeId);
    else this.episodes.set(alert.episodeId, alert);
  }

  public restore(episodes: readonly OpenEpisode[]): void {
    for (const episode of episodes) this.episodes.set(episode.episodeId, episode);
  }

  public list(): OpenEpisode[] {
    return [...this.episodes.values()];
  }

  /** The ends of the episodes whose ids are not among `known`. */
  public ends(known: ReadonlySet<string>, now: Date): Alert[] {
    return this.list()
      .filter(({ episodeId }) => !known.has(episodeId))
      .map((alert) => ({
        ...alert,
        phase: "closed",
        eventTime: now.toISOString(),
        explanation: "over: the module was started again and did not have the machine's state",
        reason: "restarted",
      }));
  }
}
