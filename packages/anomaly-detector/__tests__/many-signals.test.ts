import { Plant } from "../bench/plant/contestants";
import { START_MS } from "../bench/plant/run";
import { INTERVAL, TwoTanks } from "../bench/plant/two-tanks";
import { normalRandom, seededRandom } from "../bench/random";

test.each([
  { seed: 1, hours: 10 },
  { seed: 10, hours: 5 },
])("a plant of 18 signals with control loops raises no alert while it is new: $seed", ({ seed, hours }) => {
  const plant = new TwoTanks(seed);
  const detector = Plant.of(18);
  let alerts = 0;
  for (let i = 0; i < (hours * 3600) / INTERVAL; i++) {
    if (detector.process(START_MS + i * INTERVAL * 1000, plant.step({})).alert) alerts++;
  }
  expect(alerts).toBe(0);
});

/** Signals that follow one hidden cause, each with a little noise of its own, at a message a minute. */
class Together {
  public readonly detector: Plant;
  private readonly normal: () => number;
  private cause = 0;
  private messages = 0;

  public constructor(
    private readonly signals: number,
    seed: number,
  ) {
    this.detector = Plant.of(signals);
    this.normal = normalRandom(seededRandom(seed));
  }

  /** So many messages; where `broken`, the second signal has a cause of its own. Returns how many were alerted. */
  public run(messages: number, broken = false): number {
    let alerts = 0;
    for (let i = 0; i < messages; i++) {
      this.cause = 0.9 * this.cause + 0.44 * this.normal();
      const values = Array.from({ length: this.signals }, (_, k) => {
        const cause = broken && k === 1 ? this.normal() : this.cause;
        return 10 * (k + 1) + cause * (k % 2 === 0 ? 1 : -1) + 0.25 * this.normal();
      });
      if (this.detector.process(START_MS + this.messages++ * 60_000, values).alert) alerts++;
    }
    return alerts;
  }
}

test.each([2, 8, 32])("a relation of %i signals that breaks is found after warm-up, and again later", (signals) => {
  const machine = new Together(signals, 5);
  expect(machine.run(signals > 8 ? 1000 : 2000)).toBe(0);
  expect(machine.run(60, true)).toBeGreaterThan(0);
  machine.run(600);
  expect(machine.run(60, true)).toBeGreaterThan(0);
});
