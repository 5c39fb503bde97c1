import { NONE } from "./devices";
import { hash } from "./random";
import type { Allocation, SimulatedHub } from "./settings";

/** Chooses a hub for a device, as the allocation policy of a Device Provisioning Service does. */
export class Allocator {
  private readonly open: boolean[];
  private choices: Choices[] = [];

  public constructor(
    private readonly allocation: Allocation,
    private readonly hubs: readonly SimulatedHub[],
    private readonly seed: number,
  ) {
    this.open = hubs.map(() => true);
    this.prepare();
  }

  /** Whether a hub gets devices; a hub that does not keeps those that it has. */
  public setOpen(hub: number, isOpen: boolean): void {
    this.open[hub] = isOpen;
    this.prepare();
  }

  /** The hub that a device gets now; `NONE` where none takes part. */
  public hubOf(device: number): number {
    const choice = this.choices[device % this.choices.length];
    if (choice === undefined || choice.total === 0) {
      return NONE;
    }
    if (choice.hubs.length === 1) {
      return choice.hubs[0] ?? NONE;
    }
    const point = (hash(device ^ choice.salt) / 0x1_0000_0000) * choice.total;
    let low = 0;
    let high = choice.upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((choice.upTo[middle] ?? 0) > point) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return choice.hubs[low] ?? NONE;
  }

  private prepare(): void {
    this.choices = this.candidates().map((candidates) => {
      const hubs = candidates.filter((hub) => this.open[hub] === true);
      let total = 0;
      const upTo = hubs.map((hub) => (total += this.hubs[hub]?.weight ?? 1));
      // Another set of hubs is another hash: devices of a lost hub are spread over all others.
      const salt = hubs.reduce((mixed, hub) => hash(mixed ^ (hub + 1)), hash(this.seed));
      return { hubs, upTo, total, salt };
    });
  }

  /** Hubs that come into question, for each site. */
  private candidates(): number[][] {
    const { allocation } = this;
    switch (allocation.kind) {
      case "evenlyWeighted":
        return [this.hubs.map((_, hub) => hub)];
      case "static":
        return allocation.hubs.map((hub) => [hub]);
      case "lowestLatency":
        return allocation.latencies.map((ofSite) => {
          const lowest = Math.min(...ofSite.filter((_, hub) => this.open[hub] === true));
          return ofSite.flatMap((latency, hub) => (latency === lowest ? [hub] : []));
        });
    }
  }
}

interface Choices {
  readonly hubs: readonly number[];
  /** Sums of the weights up to each hub. */
  readonly upTo: readonly number[];
  readonly total: number;
  readonly salt: number;
}
