/** What a device is doing. */
export const Stage = { off: 0, registering: 1, connecting: 2, connected: 3 } as const;

/** No hub. */
export const NONE = 0xffff;

/** No attempt is to come. */
const NEVER = 0xffff_ffff;

/** What is known of each device, 22 bytes for each. */
export class Devices {
  public readonly stage: Uint8Array;
  /** Hub that the service assigned last. */
  public readonly hub: Uint16Array;
  /** Hub with an identity that nobody removed. */
  public readonly staleOn: Uint16Array;
  /** Failures in a row, as far as they matter. */
  public readonly level: Uint8Array;
  /** Minute in which a device that cannot connect registers again. */
  public readonly giveUp: Uint32Array;
  /** Minute from which on attempts are counted by their pace. */
  public readonly steadySince: Uint32Array;
  public readonly retries: Uint32Array;
  private readonly due: Uint32Array;
  /** Devices by the minute of their attempts. An entry counts where the device is still due then. */
  private readonly calendar = new Map<number, number[]>();

  public constructor(count: number) {
    this.stage = new Uint8Array(count);
    this.hub = new Uint16Array(count).fill(NONE);
    this.staleOn = new Uint16Array(count).fill(NONE);
    this.level = new Uint8Array(count);
    this.giveUp = new Uint32Array(count);
    this.steadySince = new Uint32Array(count);
    this.retries = new Uint32Array(count);
    this.due = new Uint32Array(count).fill(NEVER);
  }

  /** A device tries in this minute, and not when it was to. */
  public schedule(device: number, minute: number): void {
    this.due[device] = minute;
    const day = this.calendar.get(minute);
    if (day === undefined) {
      this.calendar.set(minute, [device]);
    } else {
      day.push(device);
    }
  }

  /** Devices whose attempts are due in a minute; they are due no longer. */
  public takeDue(minute: number): number[] {
    const entries = this.calendar.get(minute) ?? [];
    this.calendar.delete(minute);
    return entries.filter((device) => {
      const isDue = this.due[device] === minute;
      if (isDue) {
        this.due[device] = NEVER;
      }
      return isDue;
    });
  }

  /** Mean and maximum of the retries. */
  public retriesInAll(): { mean: number; max: number } {
    let total = 0;
    let max = 0;
    for (const one of this.retries) {
      total += one;
      max = Math.max(max, one);
    }
    return { mean: total / this.retries.length, max };
  }
}
