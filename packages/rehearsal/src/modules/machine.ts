/** What a person can do to a simulated machine. */
export type Fault = "spike" | "drift" | "stuck" | "normal";

/** A message of the published simulated sensor (Azure/iotedge, `SimulatedTemperatureSensor`). */
export interface SensorBody {
  readonly machine: { readonly temperature: number; readonly pressure: number };
  readonly ambient: { readonly temperature: number; readonly humidity: number };
  readonly timeCreated: string;
}

/** Ranges of the published sensor. */
const TEMPERATURE = { min: 21, max: 100 };
const PRESSURE = { min: 1, max: 10 };
const AMBIENT = 21;
const HUMIDITY = { min: 24, max: 26 };

/** Degrees that a spike adds, and by which a drift grows from message to message. */
const SPIKE = 30;
const DRIFT = 0.25;
/** How far the level wanders in a message, and which share of its distance it comes back. */
const WANDER = 0.02;
const RETURN = 0.02;

/**
 * A machine as the published sensor simulates it: from 21 degrees up to 100 by half a degree a message, pressure in step
 * with temperature, half a degree of noise. The published one then walks at random, without bound; this one wanders about
 * its level, so that an alert means something.
 */
export class Machine {
  private level: number;
  private drift = 0;
  private spikes = 0;
  private stuck: SensorBody | undefined;
  private fault: Fault = "normal";
  private last: SensorBody | undefined;

  /**
   * @param random numbers from 0 to 1
   * @param isWarm whether it has reached its operating temperature
   */
  public constructor(
    private readonly random: () => number,
    isWarm = true,
  ) {
    this.level = isWarm ? TEMPERATURE.max : TEMPERATURE.min;
  }

  /** Breaks the machine, or repairs it. A spike is one message; drift and a stuck sensor last until `normal`. */
  public set(fault: Fault): void {
    if (fault === "spike") {
      this.spikes += 1;
      return;
    }
    this.fault = fault;
    this.drift = 0;
    this.stuck = fault === "stuck" ? this.last : undefined;
  }

  /** What it measures next. */
  public measure(timeCreated: string): SensorBody {
    if (this.stuck !== undefined && this.spikes === 0) {
      return { ...this.stuck, timeCreated };
    }
    const { min, max } = TEMPERATURE;
    this.level +=
      this.level < max - 1 ? -0.25 + this.random() * 1.5 : RETURN * (max - this.level) + WANDER * (this.random() - 0.5);
    if (this.fault === "drift") this.drift += DRIFT;
    let temperature = this.level + this.drift + this.noise();
    if (this.spikes > 0) {
      this.spikes -= 1;
      temperature += SPIKE;
    }
    const share = (temperature - min) / (max - min);
    const body = {
      machine: {
        temperature,
        pressure: PRESSURE.min + share * (PRESSURE.max - PRESSURE.min) + this.noise() / 10,
      },
      ambient: {
        temperature: AMBIENT + this.noise(),
        humidity: HUMIDITY.min + Math.round(this.random() * (HUMIDITY.max - HUMIDITY.min)),
      },
      timeCreated,
    };
    this.last = body;
    return body;
  }

  private noise(): number {
    return this.random() - 0.5;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
