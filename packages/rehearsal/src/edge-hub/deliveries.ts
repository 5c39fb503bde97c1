import createPersistence, { type AedesPersistence } from "aedes-persistence";

/**
 * The broker's sessions, without its queues: what waits for a module is in the message store, on disk and with a time to
 * live, and the broker must not send it a second time from memory. It tells which message a PUBACK is for.
 */
export class Deliveries {
  public readonly persistence: AedesPersistence;
  private readonly byPayload = new WeakMap<Buffer, () => void>();
  private readonly unacknowledged = new Map<string, Map<number, () => void>>();

  public constructor() {
    const sessions: AedesPersistence = createPersistence();
    const own: Pick<AedesPersistence, "outgoingEnqueue" | "outgoingUpdate" | "outgoingClearMessageId"> = {
      outgoingEnqueue: (_subscription, _packet, done) => {
        done(null);
      },
      outgoingUpdate: (client, packet, done) => {
        const { payload, messageId } = packet as { readonly payload?: Buffer; readonly messageId?: number };
        const acknowledged = payload && this.byPayload.get(payload);
        if (acknowledged !== undefined && messageId !== undefined) {
          const sent = this.unacknowledged.get(client.id) ?? new Map<number, () => void>();
          sent.set(messageId, acknowledged);
          this.unacknowledged.set(client.id, sent);
        }
        done(null, client, packet);
      },
      outgoingClearMessageId: (client, { messageId = -1 }, done) => {
        const sent = this.unacknowledged.get(client.id);
        const acknowledged = sent?.get(messageId);
        sent?.delete(messageId);
        done(null);
        acknowledged?.();
      },
    };
    this.persistence = Object.assign(sessions, own);
  }

  /** Calls `onAcknowledged` when a client has acknowledged the packet with this very buffer as its payload. */
  public expect(payload: Buffer, onAcknowledged: () => void): void {
    this.byPayload.set(payload, onAcknowledged);
  }

  /** Forgets what a client has not acknowledged. */
  public forget(clientId: string): void {
    this.unacknowledged.delete(clientId);
  }
}
