import { normalRandom, seededRandom } from "../random";
import { Plant } from "./contestants";
import { FrozenPca } from "./frozen-pca";
import { START_MS } from "./run";
import { percent, print, table } from "./table";

/** Seconds between two messages, and messages of normal operation before a fault: three days. */
const INTERVAL = 10;
const NORMAL_MESSAGES = (3 * 86_400) / INTERVAL;
const FAULT_MESSAGES = 7200 / INTERVAL;

/** What is wrong with the plant: 0 for nothing, 1 for the fault at its full size. */
type Faults = Readonly<Partial<Record<FaultName, number>>>;
const FAULT_NAMES = {
  leak: "leak in tank 2 (masked by its level control)",
  bias: "bias of a controlled temperature's sensor (masked by control)",
  fouling: "fouling of the heat exchanger (drift, masked by steam)",
  sticking: "steam valve that sticks",
  pump: "pump that wears (masked by its speed control)",
  steam: "lower steam pressure (masked by the valve)",
  flowmeter: "flow meter that reads 5 % too much",
} as const;
type FaultName = keyof typeof FAULT_NAMES;

/** Two tanks with level control, a heat exchanger with temperature control, pumps, and what is measured of them. */
class TwoTanks {
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

/** A simulated plant of 18 signals with faults that control masks, beside a frozen model of principal components. */
export function processPlant(quick: boolean, failures: string[]): Record<string, unknown> {
  const seeds = quick ? 2 : 10;
  const results: Record<string, { found: number; open: number; frozen: number; frozenOpen: number }> = {};
  let alerts = 0;
  let frozenAlerts = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const plant = new TwoTanks(seed);
    const detector = Plant.of(18);
    const frozen = new FrozenPca(NORMAL_MESSAGES / 3);
    let frozenQuietUntil = -1;
    for (let i = 0; i < NORMAL_MESSAGES; i++) {
      const values = plant.step({});
      if (detector.process(START_MS + i * INTERVAL * 1000, values).alert) alerts++;
      if (frozen.over(values) && i > frozenQuietUntil) {
        frozenAlerts++;
        frozenQuietUntil = i + 3600 / INTERVAL;
      }
    }
    const saved = JSON.stringify(plant);
    for (const name of Object.keys(FAULT_NAMES) as FaultName[]) {
      const faulty = Object.assign(new TwoTanks(seed + 100), JSON.parse(saved) as object);
      const copy = detector.copy();
      let found = 0;
      let open = 0;
      let frozenOpen = 0;
      for (let i = 0; i < FAULT_MESSAGES; i++) {
        const size = name === "fouling" ? (2 * i) / FAULT_MESSAGES : 1;
        const values = faulty.step({ [name]: size });
        const said = copy.process(START_MS + (NORMAL_MESSAGES + i) * INTERVAL * 1000, values);
        if (said.alert) found = 1;
        if (said.open) open++;
        if (frozen.over(values)) frozenOpen++;
      }
      const row = (results[name] ??= { found: 0, open: 0, frozen: 0, frozenOpen: 0 });
      row.found += found / seeds;
      row.open += open / FAULT_MESSAGES / seeds;
      row.frozen += (frozenOpen / FAULT_MESSAGES > 0.02 ? 1 : 0) / seeds;
      row.frozenOpen += frozenOpen / FAULT_MESSAGES / seeds;
    }
  }
  const months = (seeds * 3) / 30;
  print(
    "A simulated plant (two tanks, a heat exchanger, three control loops; 18 signals, a message each 10 s), faults of two hours",
  );
  table(
    ["fault", "found of 100", "open %", "frozen T² and Q: found", "open %"],
    Object.entries(results).map(([name, row]) => [
      FAULT_NAMES[name as FaultName],
      percent(row.found),
      percent(row.open),
      percent(row.frozen),
      percent(row.frozenOpen),
    ]),
  );
  print(
    `false alerts a month: ${(alerts / months).toFixed(1)}; frozen T² and Q with a limit of 1 in 1,000: ${(frozenAlerts / months).toFixed(0)}\n`,
  );
  if (alerts / months > 6) failures.push(`${(alerts / months).toFixed(1)} false alerts a month on the simulated plant`);
  return { falseAlertsPerMonth: alerts / months, frozenFalseAlertsPerMonth: frozenAlerts / months, faults: results };
}
