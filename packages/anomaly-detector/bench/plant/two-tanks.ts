import { normalRandom, seededRandom } from "../random";

/** Seconds between two messages of the plant. */
export const INTERVAL = 10;

/** What is wrong with the plant: 0 for nothing, 1 for the fault at its full size. */
type Faults = Readonly<Partial<Record<FaultName, number>>>;
export const FAULT_NAMES = {
  leak: "leak in tank 2 (masked by its level control)",
  bias: "bias of a controlled temperature's sensor (masked by control)",
  fouling: "fouling of the heat exchanger (drift, masked by steam)",
  sticking: "steam valve that sticks",
  pump: "pump that wears (masked by its speed control)",
  steam: "lower steam pressure (masked by the valve)",
  flowmeter: "flow meter that reads 5 % too much",
} as const;
export type FaultName = keyof typeof FAULT_NAMES;

/** Two tanks with level control, a heat exchanger with temperature control, pumps, and what is measured of them. */
export class TwoTanks {
  private readonly normal: () => number;
  private t = 0;
  private level1 = 2;
  private level2 = 1.5;
  private temperature = 60;
  private shell = 95;
  private valve1 = 0.5;
  private valve2 = 0.5;
  private steam = 0.5;
  private held = 0.5;
  private integral1 = 0.5;
  private integral2 = 0.5;
  private integralT = 0.5;
  private feed = 0;
  private ambient = 0;

  public constructor(seed: number) {
    this.normal = normalRandom(seededRandom(seed));
  }

  public step(f: Faults): number[] {
    const { normal } = this;
    const clamp = (x: number): number => Math.min(Math.max(x, 0), 1);
    this.t += INTERVAL;
    this.feed = 0.98 * this.feed + 0.01 * normal();
    this.ambient = 4 * Math.sin((2 * Math.PI * this.t) / 86_400) + 0.1 * normal();
    const inflow = 1 + this.feed;
    const inletTemperature = 20 + 0.5 * this.ambient;
    const flow12 = 2 * this.valve1 * Math.sqrt(Math.max(this.level1, 0.01) / 2);
    const flowOut = 2 * this.valve2 * Math.sqrt(Math.max(this.level2, 0.01) / 1.5);
    this.level1 += 0.02 * (inflow - flow12);
    this.level2 += 0.02 * (flow12 - flowOut - 0.06 * (f.leak ?? 0));
    const steamFlow = (f.sticking === undefined ? this.steam : this.held) * (1 - 0.12 * (f.steam ?? 0));
    const transfer = 1 - 0.1 * (f.fouling ?? 0);
    this.shell += 0.1 * (60 + 70 * steamFlow - this.shell);
    this.temperature +=
      0.05 * (inletTemperature + (2.3 * transfer * (this.shell - this.temperature)) / flow12 - this.temperature);
    const measured = (x: number, noise: number): number => x + noise * normal();
    const l1 = measured(this.level1, 0.005);
    const l2 = measured(this.level2, 0.005);
    const temperature = measured(this.temperature + 1.5 * (f.bias ?? 0), 0.1);
    this.integral1 += 0.002 * (l1 - 2);
    this.integral2 += 0.002 * (l2 - 1.5);
    this.integralT += 0.0008 * (60 - temperature);
    this.valve1 = clamp(this.integral1 + 0.3 * (l1 - 2));
    this.valve2 = clamp(this.integral2 + 0.3 * (l2 - 1.5));
    this.steam = clamp(this.integralT + 0.02 * (60 - temperature));
    if (Math.abs(this.steam - this.held) > 0.04) this.held = this.steam;
    const speed1 = flow12 * (1 + 0.06 * (f.pump ?? 0));
    return [
      measured(inflow, 0.01),
      measured(inletTemperature, 0.1),
      l1,
      l2,
      measured(this.valve1, 0.003),
      measured(this.valve2, 0.003),
      measured(flow12 * (1 + 0.05 * (f.flowmeter ?? 0)), 0.01),
      measured(flowOut, 0.01),
      temperature,
      measured(this.shell, 0.2),
      measured(this.steam, 0.003),
      measured(steamFlow * 10, 0.03),
      measured(6 * (1 - 0.12 * (f.steam ?? 0)), 0.02),
      measured(1500 * speed1, 5),
      measured(4 * speed1 ** 3, 0.05),
      measured(3 - 0.5 * flow12 ** 2, 0.01),
      measured(15 + this.ambient, 0.2),
      measured(this.shell - this.temperature, 0.3),
    ];
  }
}
