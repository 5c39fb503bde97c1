import { normalRandom, seededRandom } from "../../packages/anomaly-detector/bench/random";

/** Seconds between two messages of a unit. */
export const INTERVAL = 10;
export const START = Date.parse("2026-01-05T08:00:00Z");

export const SIGNALS = { flow: "machine.flow", pressure: "machine.pressure", power: "machine.power" } as const;

/** Flow and pressure wander on their own; the motor's power follows their product, so no line relates the three. */
export class HydraulicUnit {
  private readonly normal: () => number;
  private readonly levels = [0, 0];
  private count = 0;

  public constructor(
    public readonly id: string,
    seed: number,
  ) {
    this.normal = normalRandom(seededRandom(seed));
  }

  /** The next message; `wear` is the share of power that is lost on its way. */
  public measure(wear = 0): { readonly machine: Readonly<Record<string, number>>; readonly timeCreated: string } {
    const [flow, pressure] = this.levels.map((level, index) => {
      this.levels[index] = 0.99 * level + 0.14 * this.normal();
      return 1 + 0.5 * Math.tanh(this.levels[index]);
    }) as [number, number];
    const noise = (size: number): number => size * this.normal();
    return {
      machine: {
        flow: 60 * flow + noise(0.3),
        pressure: 5 * pressure + noise(0.03),
        power: 8 * flow * pressure * (1 + wear) + noise(0.05),
      },
      timeCreated: new Date(START + INTERVAL * 1000 * this.count++).toISOString(),
    };
  }
}
