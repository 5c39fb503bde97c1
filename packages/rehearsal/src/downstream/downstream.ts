import type { RehearsalInput } from "../input";
import type { UpstreamMessage } from "../replay/replay";
import { type Firing, logAlert, metricAlert } from "./alert-rules";

/** Bytes that a hub counts as one message (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling). */
const PIECE_BYTES = { free: 512, standard: 4096 } as const;
const BIN_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
const DAYS_A_MONTH = 30.4;

export interface RuleResult {
  /** Name of the rule in Azure. */
  readonly rule: string;
  /** Machine, where the rule tells them apart. */
  readonly machine?: string;
  readonly fired: number;
  /** Fired and resolved alerts: action groups send a mail for each. */
  readonly mails: number;
  readonly firings: readonly Firing[];
}

export interface DownstreamSummary {
  readonly days: number;
  readonly rules: readonly RuleResult[];
  /** Rules of the environment that a recording cannot say anything of, with the reason. */
  readonly notEvaluated: readonly { readonly rule: string; readonly reason: string }[];
  /** Each receiver gets every mail. */
  readonly mailsADay: Readonly<Record<string, number>>;
  /** Runs of the anomaly feed's workflow; 0 where the environment has none. */
  readonly workflowRuns: number;
  readonly bytes: {
    /** Of all sensor messages, as if they all went to the cloud. */
    readonly raw: number;
    readonly toCloud: number;
    readonly anomalies: number;
    /** 1 - anomalies / raw: what is saved where only anomalies leave the device. */
    readonly savedByAnomaliesOnly: number;
    /** 1 - toCloud / raw, as the environment is configured; negative where more leaves than sensors sent. */
    readonly saved: number;
  };
  readonly messages: {
    readonly toCloud: number;
    /** As the hub counts them, in pieces. */
    readonly metered: number;
    readonly meteredAMonth: number;
    /** What the hub takes in a month, and this device's equal share of it. */
    readonly quotaAMonth: number;
    readonly shareAMonth: number;
    readonly busiestDay: number;
    readonly daysOverQuota: number;
  };
}

interface Bin {
  anomalousMessages: number;
  readonly rowsByMachine: Map<string, number>;
}

/** Counts what reaches the cloud, in bins, so that a year takes little memory. */
export class DownstreamMeter {
  private readonly bins = new Map<number, Bin>();
  private readonly meteredByDay = new Map<number, number>();
  private bytes = { toCloud: 0, anomalies: 0 };
  private messages = { toCloud: 0, metered: 0, anomalies: 0 };

  public constructor(private readonly input: Pick<RehearsalInput, "alertRules" | "hub" | "receivers">) {}

  public add({ timeMs, type, bytes, machines }: UpstreamMessage): void {
    const piece = this.input.hub.sku === "F1" ? PIECE_BYTES.free : PIECE_BYTES.standard;
    const metered = Math.max(1, Math.ceil(bytes / piece));
    const day = Math.floor(timeMs / DAY_MS);
    this.meteredByDay.set(day, (this.meteredByDay.get(day) ?? 0) + metered);
    this.bytes.toCloud += bytes;
    this.messages.toCloud += 1;
    this.messages.metered += metered;
    if (type !== "anomaly") return;
    this.bytes.anomalies += bytes;
    this.messages.anomalies += 1;
    const key = Math.floor(timeMs / BIN_MS);
    const bin = this.bins.get(key) ?? { anomalousMessages: 0, rowsByMachine: new Map<string, number>() };
    this.bins.set(key, bin);
    bin.anomalousMessages += 1;
    for (const machine of machines) bin.rowsByMachine.set(machine, (bin.rowsByMachine.get(machine) ?? 0) + 1);
  }

  /** `fromMs` to `toMs` is what the recording spans. */
  public summary(rawBytes: number, fromMs: number, toMs: number): DownstreamSummary {
    const { alertRules, hub, receivers } = this.input;
    const days = Math.max((toMs - fromMs) / DAY_MS, 1 / 24);
    const messages = new Map([...this.bins].map(([key, bin]) => [key, bin.anomalousMessages]));
    const quota = new Map([...this.meteredByDay]);
    const tolerated = alertRules.toleratedAnomaliesPerHour;
    const rules: RuleResult[] = [ruleResult("anomalies-delivered", metricAlert(messages, BIN_MS, 12, tolerated))];
    if (alertRules.anomalyFeed) {
      const machines = new Set([...this.bins.values()].flatMap(({ rowsByMachine }) => [...rowsByMachine.keys()]));
      for (const machine of [...machines].sort()) {
        const rows = new Map([...this.bins].map(([key, bin]) => [key, bin.rowsByMachine.get(machine) ?? 0]));
        rules.push({ ...ruleResult("machine-anomalies", logAlert(rows, BIN_MS, tolerated)), machine });
      }
    }
    const threshold = Math.floor((hub.dailyMessages * alertRules.quotaPercent) / 100);
    const warned = [...quota].filter(([, count]) => count > threshold).map(([day]) => day * DAY_MS);
    rules.push(
      ruleResult(
        "message-quota-used",
        warned.map((day) => ({ from: day, to: day + DAY_MS })),
      ),
    );
    const mails = rules.reduce((sum, rule) => sum + rule.mails, 0);
    const { toCloud, anomalies } = this.bytes;
    const saved = (bytes: number): number => (rawBytes === 0 ? 0 : 1 - bytes / rawBytes);
    const perMonth = (count: number): number => Math.round((count / days) * DAYS_A_MONTH);
    return {
      days,
      rules,
      notEvaluated: [
        { rule: "routing-failures, routing-errors", reason: "a recording has no endpoint that fails" },
        { rule: "messages-throttled", reason: "the hub's rate is shared by all devices" },
        {
          rule: "device-offline, devices-disconnected",
          reason: "a recording does not say when a device was connected",
        },
      ],
      mailsADay: Object.fromEntries(Object.keys(receivers).map((name) => [name, mails / days])),
      workflowRuns: alertRules.anomalyFeed ? this.messages.anomalies : 0,
      bytes: {
        raw: rawBytes,
        toCloud,
        anomalies,
        savedByAnomaliesOnly: saved(anomalies),
        saved: saved(toCloud),
      },
      messages: {
        toCloud: this.messages.toCloud,
        metered: this.messages.metered,
        meteredAMonth: perMonth(this.messages.metered),
        quotaAMonth: Math.round(hub.dailyMessages * DAYS_A_MONTH),
        shareAMonth: Math.round((hub.dailyMessages * DAYS_A_MONTH) / Math.max(hub.devices, 1)),
        busiestDay: [...quota.values()].reduce((most, count) => Math.max(most, count), 0),
        daysOverQuota: [...quota.values()].filter((count) => count > hub.dailyMessages).length,
      },
    };
  }
}

const ruleResult = (rule: string, firings: readonly Firing[]): RuleResult => ({
  rule,
  fired: firings.length,
  mails: firings.length + firings.filter(({ to }) => to !== undefined).length,
  firings,
});
