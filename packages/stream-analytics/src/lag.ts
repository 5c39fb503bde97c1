import { type Evaluate, holds, type Scope } from "./scope";
import { type LagCall } from "./syntax";
import { type Value } from "./values";

/**
 * `LAG`: the value of the event so many before the current one, of those within the duration for which `WHEN` holds. It sees
 * every event of its select, before `WHERE` leaves any out, and takes events of the same time in the order of arrival
 * (learn.microsoft.com/stream-analytics-query/lag-azure-stream-analytics).
 */
export class Lag {
  /** What it has for the current event; undefined where there is no event so far back. */
  public found: { readonly value: Value } | undefined;
  private readonly earlier: { readonly time: number; readonly value: Value }[] = [];

  public constructor(
    private readonly call: Pick<LagCall, "offset" | "durationMs">,
    private readonly value: Evaluate,
    private readonly when: Evaluate | undefined,
  ) {}

  /** Takes the next event. */
  public see(scope: Scope): void {
    const { offset, durationMs } = this.call;
    const past = this.earlier.at(-offset);
    this.found = past !== undefined && past.time > scope.time - durationMs ? past : undefined;
    if (!holds(this.when, scope)) return;
    this.earlier.push({ time: scope.time, value: this.value(scope) });
    if (this.earlier.length > offset) this.earlier.shift();
  }
}
