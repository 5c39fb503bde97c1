import type { QueuedMessage } from "../edge-hub/queued-message";
import type { Action, AlertEvent, LostEvent, ReadingEvent, RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { detectorAlert, expectedOf, kindOf, parseBody, readingOf, streamAnalyticsAlerts } from "./message-events";
import { LiveCounts } from "./summary";

/** Sends that alerts may still refer to. */
const SENDS = 20_000;

/** Makes events of what the hub, the cloud and the sensors tell, and counts them. */
export class LiveObserver {
  public readonly counts = new LiveCounts();
  public readonly startedAt = Date.now();
  /** Messages that the hub took in the second before the last full one. */
  public messagesPerSecond = 0;
  private secondStartedAt = Date.now();
  private inSecond = 0;
  private readonly expected = new Map<string, ReadingEvent["expected"]>();
  /** When a machine's message of a time was sent, in milliseconds since 1970 with fractions. */
  private readonly sends = new Map<string, number>();
  /** Machines whose next message is a spike. */
  private readonly spikesAsked = new Map<string, number>();
  /** Times of spikes that no alert has come for yet, by machine. */
  private readonly openSpikes = new Map<string, Set<number>>();
  /** When episodes opened, by their ids. */
  private readonly starts = new Map<string, number>();
  private spikesSent = 0;
  private spikesAlerted = 0;

  public constructor(
    private readonly input: RehearsalInput,
    private readonly onEvent: (event: RehearsalEvent) => void,
  ) {}

  public get spikes(): { readonly sent: number; readonly alerted: number } {
    return { sent: this.spikesSent, alerted: this.spikesAlerted };
  }

  public emit(event: RehearsalEvent): void {
    this.counts.add(event);
    this.onEvent(event);
  }

  /** A sensor sends a message for the first time. */
  public sent(machineId: string, time: number): void {
    this.sends.set(`${machineId}/${time}`, performance.timeOrigin + performance.now());
    if (this.sends.size > SENDS) this.sends.delete(this.sends.keys().next().value ?? "");
    const asked = this.spikesAsked.get(machineId) ?? 0;
    if (asked === 0) return;
    this.spikesAsked.set(machineId, asked - 1);
    this.spikesSent += 1;
    this.openSpikes.set(machineId, (this.openSpikes.get(machineId) ?? new Set()).add(time));
  }

  public acted(action: Action, machineId?: string): void {
    this.emit({ kind: "action", time: Date.now(), action, ...(machineId !== undefined && { machineId }) });
    if (action !== "spike") return;
    for (const machine of machineId === undefined ? this.input.machines : [machineId]) {
      this.spikesAsked.set(machine, (this.spikesAsked.get(machine) ?? 0) + 1);
    }
  }

  public lost(messageId: string, reason: LostEvent["reason"]): void {
    this.emit({ kind: "lost", time: Date.now(), messageId, reason });
  }

  /** The hub has stored a message. */
  public accepted(message: QueuedMessage, routes: readonly string[]): void {
    const { id, from, time } = message;
    this.countSecond();
    const kind = kindOf(from, this.input);
    if (kind !== "other") this.describe(kind, message);
    this.emit({ kind: "routed", time, messageId: id, from, routes });
    // Outputs that nothing reads are a deployment's choice; a sensor's message that nobody wants is lost.
    if (kind === "sensor" && routes.length === 0) this.lost(id, "no route");
  }

  private describe(kind: Exclude<ReturnType<typeof kindOf>, "other">, message: QueuedMessage): void {
    const { id, time } = message;
    const body = parseBody(message.body);
    switch (kind) {
      case "sensor": {
        const reading = readingOf(body, this.input, time, message.systemProperties.connectionDeviceId);
        const expected = this.expected.get(reading.machineId);
        this.emit(expected === undefined ? reading : { ...reading, expected });
        break;
      }
      case "score": {
        const scored = expectedOf(body);
        if (scored !== undefined) this.expected.set(scored.machineId, scored.expected);
        break;
      }
      case "alert": {
        const alert = detectorAlert(body, time);
        if (alert !== undefined) this.alert({ ...alert, messageId: id }, time);
        break;
      }
      case "streamAnalyticsAlert":
        for (const alert of streamAnalyticsAlerts(body, time, this.input.deviceId)) {
          this.alert({ ...alert, messageId: id }, time);
        }
        break;
    }
  }

  private alert(event: AlertEvent, acceptedAt: number): void {
    const { machineId, time, phase, source } = event;
    if (source === "detector") this.cover(event);
    const sentAt = phase === "opened" ? this.sends.get(`${machineId}/${time}`) : undefined;
    this.emit(sentAt === undefined ? event : { ...event, latencyMs: Math.round((acceptedAt - sentAt) * 100) / 100 });
  }

  /** An alert is about everything from its episode's start on: a spike within an open episode opens none of its own. */
  private cover({ machineId, episodeId, phase, time }: AlertEvent): void {
    if (phase === "opened") {
      this.starts.set(episodeId, time);
      if (this.starts.size > SENDS) this.starts.delete(this.starts.keys().next().value ?? "");
    }
    const start = this.starts.get(episodeId) ?? time;
    const spikes = this.openSpikes.get(machineId) ?? new Set();
    for (const spike of spikes) {
      if (spike < start || spike > time) continue;
      spikes.delete(spike);
      this.spikesAlerted += 1;
    }
  }

  private countSecond(): void {
    this.inSecond += 1;
    const elapsed = Date.now() - this.secondStartedAt;
    if (elapsed < 1000) return;
    this.messagesPerSecond = Math.round((this.inSecond * 1000) / elapsed);
    this.inSecond = 0;
    this.secondStartedAt = Date.now();
  }
}
