import type { HubResult } from "./result";
import { ASSIGNMENT_MINUTES, type SimulatedHub } from "./settings";

/** Why a hub gets no device. */
export type Refusal = "slowHub" | "fullHub";

/** What hubs have and can still do in this minute. */
export class Hubs {
  private readonly lost: boolean[];
  private readonly devices: number[];
  private readonly stale: number[];
  private readonly creationsLeft: number[];
  private readonly connectionsLeft: number[];

  public constructor(private readonly hubs: readonly SimulatedHub[]) {
    this.lost = hubs.map(() => false);
    this.devices = hubs.map(() => 0);
    this.stale = hubs.map(() => 0);
    this.creationsLeft = hubs.map(() => 0);
    this.connectionsLeft = hubs.map(() => 0);
  }

  public isLost(hub: number): boolean {
    return this.lost[hub]!;
  }

  public setLost(hub: number, isLost: boolean): void {
    this.lost[hub] = isLost;
  }

  /** A minute begins. */
  public refill(): void {
    this.hubs.forEach(({ creationsAMinute, connectionsAMinute }, hub) => {
      // What a hub has not done in this minute it may do in the next one, as long as devices wait for it.
      const saved = Math.min(this.creationsLeft[hub]!, creationsAMinute * (ASSIGNMENT_MINUTES - 1));
      this.creationsLeft[hub] = saved + creationsAMinute;
      this.connectionsLeft[hub] = connectionsAMinute;
    });
  }

  /**
   * Creates an identity, or takes a stale one over.
   *
   * @returns why not
   */
  public create(hub: number, isStaleHere: boolean): Refusal | undefined {
    if (!isStaleHere && this.devices[hub]! + this.stale[hub]! >= this.hubs[hub]!.maxDevices) {
      return "fullHub";
    }
    if (this.creationsLeft[hub]! < 1) {
      return "slowHub";
    }
    this.creationsLeft[hub]! -= 1;
    this.devices[hub]! += 1;
    if (isStaleHere) {
      this.stale[hub]! -= 1;
    }
    return undefined;
  }

  /**
   * Removes an identity from the hub that a device had.
   *
   * @returns whether it is still there, because nobody reaches that hub
   */
  public remove(hub: number): boolean {
    this.devices[hub]! -= 1;
    if (this.lost[hub]!) {
      this.stale[hub]! += 1;
    }
    return this.lost[hub]!;
  }

  /** Whether it takes one more connection in this minute. */
  public connect(hub: number): boolean {
    if (this.connectionsLeft[hub]! < 1) {
      return false;
    }
    this.connectionsLeft[hub]! -= 1;
    return true;
  }

  public results(): HubResult[] {
    return this.devices.map((devices, hub) => ({ devices, stale: this.stale[hub]! }));
  }
}
