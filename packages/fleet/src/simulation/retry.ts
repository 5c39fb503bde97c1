import type { Random } from "./random";

/** When a device tries again after a request that failed. */
export type RetryPolicy =
  /** Seconds doubled from attempt to attempt, up to a limit, and a random part on top. */
  | {
      readonly kind: "backoff";
      readonly minSeconds: number;
      readonly maxSeconds: number;
      readonly jitterSeconds: number;
    }
  /** A random time between the two. */
  | { readonly kind: "spread"; readonly minSeconds: number; readonly maxSeconds: number };

/**
 * What the IoT Edge runtime does: after each failure it sleeps for 5 s, without a random part
 * (github.com/Azure/iotedge, edgelet/aziot-edged/src/provision.rs).
 */
export const EDGE_RUNTIME_RETRY: RetryPolicy = { kind: "backoff", minSeconds: 5, maxSeconds: 5, jitterSeconds: 0 };

/**
 * What Azure's device libraries recommend "in the absence of modeling"
 * (github.com/Azure/azure-sdk-for-c, sdk/docs/iot/mqtt_state_machine.md).
 */
export const DEVICE_SDK_RETRY: RetryPolicy = { kind: "backoff", minSeconds: 1, maxSeconds: 100, jitterSeconds: 5 };

/**
 * What Microsoft recommends for large fleets: a random time up to the time for which registering all of them takes
 * (learn.microsoft.com/azure/iot-dps/concepts-deploy-at-scale, 2025-08, with the load 1).
 */
export function spreadRetry(devices: number, registrationsAMinute: number): RetryPolicy {
  return { kind: "spread", minSeconds: 1, maxSeconds: Math.max(2, (devices / registrationsAMinute) * 60) };
}

/** Attempts that follow a failed one, up to the next that falls into a later minute. */
export interface Retries {
  /** All but the last one are within the same minute. */
  attempts: number;
  /** Minutes until the last one. */
  minutes: number;
  /** Failures in a row, those within the minute included. */
  level: number;
}

/** A policy, ready to be asked millions of times. */
export class RetrySchedule {
  /** Minutes between two attempts of a device that has failed often, on average. */
  public readonly steadyMinutes: number;
  private readonly answer: Retries = { attempts: 0, minutes: 0, level: 0 };

  public constructor(
    private readonly policy: RetryPolicy,
    private readonly random: Random,
  ) {
    const { kind, minSeconds, maxSeconds } = policy;
    this.steadyMinutes =
      (kind === "spread" ? (minSeconds + maxSeconds) / 2 : maxSeconds + policy.jitterSeconds / 2) / 60;
  }

  /** Whether a device with so many failures in a row has reached the limit of a backoff, and tries at a steady pace from now on. */
  public isSteady(level: number): boolean {
    const { policy } = this;
    return policy.kind === "backoff" && policy.minSeconds * 2 ** level >= policy.maxSeconds;
  }

  /** What follows on a failure; the same object each time. */
  public after(level: number): Retries {
    const { answer } = this;
    let seconds = 0;
    let next = level;
    do {
      seconds += this.seconds(next);
      next += 1;
    } while (seconds < 60);
    answer.attempts = next - level;
    answer.minutes = Math.floor(seconds / 60);
    answer.level = next;
    return answer;
  }

  private seconds(level: number): number {
    const { policy } = this;
    return policy.kind === "spread"
      ? policy.minSeconds + this.random() * (policy.maxSeconds - policy.minSeconds)
      : Math.min(policy.maxSeconds, policy.minSeconds * 2 ** level) + this.random() * policy.jitterSeconds;
  }
}
