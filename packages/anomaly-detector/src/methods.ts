import { LIMITS } from "@edge-anomaly-detection/detector-contract";
import { parseTime } from "./time";

/** What an operator may say of an episode or a machine. */
export const FEEDBACK_KINDS = ["confirm", "falseAlarm", "acceptLevel", "maintenance"] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

/** The payload of a direct method, checked. */
export interface FeedbackRequest {
  readonly kind: FeedbackKind;
  readonly machineId: string;
  readonly episodeId?: string;
  readonly signal?: string;
  readonly untilMs?: number;
  /** Who says it, for the record. */
  readonly by?: string;
  readonly comment?: string;
}

/** The answer to a direct method, with a status as of HTTP. */
export interface MethodAnswer {
  readonly status: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

type Field = "machineId" | "episodeId" | "signal" | "until" | "minutes" | "by" | "comment";

/** Fields of each method's payload besides `by` and `comment`; those with a question mark may be left out. */
const FIELDS: Readonly<Record<FeedbackKind, readonly (Field | `${Field}?`)[]>> = {
  confirm: ["machineId", "episodeId"],
  falseAlarm: ["machineId", "episodeId"],
  acceptLevel: ["machineId", "signal?"],
  maintenance: ["machineId", "signal?", "until?", "minutes?"],
};

const EXAMPLES: Readonly<Record<FeedbackKind, string>> = {
  confirm: '{"machineId": "press-1", "episodeId": "0123…"}',
  falseAlarm: '{"machineId": "press-1", "episodeId": "0123…"}',
  acceptLevel: '{"machineId": "press-1", "signal": "temperature"}',
  maintenance: '{"machineId": "press-1", "minutes": 90}',
};

/** Characters of a comment or a name. */
const MAX_TEXT = 500;
/** Maintenance lasts 30 days at most: longer is a machine that should not be watched. */
const MAX_MINUTES = 30 * 24 * 60;

export type CheckedRequest =
  { readonly ok: true; readonly request: FeedbackRequest } | { readonly ok: false; readonly answer: MethodAnswer };

/** Checks the payload of a direct method; all that is wrong with it comes back at once. */
export function checkRequest(
  kind: FeedbackKind,
  payload: unknown,
  signals: readonly string[],
  nowMs: number,
): CheckedRequest {
  const errors: string[] = [];
  const refuse = (): CheckedRequest => ({
    ok: false,
    answer: { status: 400, payload: { error: `${kind} was not taken`, reasons: errors, example: EXAMPLES[kind] } },
  });
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    errors.push("the payload is no JSON object");
    return refuse();
  }
  const given = payload as Readonly<Record<string, unknown>>;
  const known = [...FIELDS[kind], "by?", "comment?"];
  const names = known.map((field) => field.replace("?", ""));
  for (const key of Object.keys(given)) {
    if (!names.includes(key)) errors.push(`${key} is not known; ${kind} takes ${names.join(", ")}`);
  }
  const text = (field: Field, most: number): string | undefined => {
    const value = given[field];
    if (value === undefined && !known.includes(field)) return undefined;
    if (typeof value === "string" && value.length > 0 && value.length <= most) return value;
    errors.push(`${field} is ${show(value)}; a text of 1 to ${most} characters is expected`);
    return undefined;
  };
  const machineId = text("machineId", LIMITS.machineId.max);
  const episodeId = text("episodeId", 64);
  const signal = text("signal", 40);
  if (signal !== undefined && !signals.includes(signal)) {
    errors.push(`signal is ${show(signal)}; the signals are ${signals.join(", ")}`);
  }
  const by = text("by", MAX_TEXT);
  const comment = text("comment", MAX_TEXT);
  const untilMs = kind === "maintenance" ? endOf(given, nowMs, errors) : undefined;
  if (errors.length > 0 || machineId === undefined) return refuse();
  return {
    ok: true,
    request: {
      kind,
      machineId,
      ...(episodeId !== undefined && { episodeId }),
      ...(signal !== undefined && { signal }),
      ...(untilMs !== undefined && { untilMs }),
      ...(by !== undefined && { by }),
      ...(comment !== undefined && { comment }),
    },
  };
}

function endOf(
  { until, minutes }: Readonly<Record<string, unknown>>,
  nowMs: number,
  errors: string[],
): number | undefined {
  if ((until === undefined) === (minutes === undefined)) {
    errors.push("either until or minutes is expected");
    return undefined;
  }
  if (minutes !== undefined) {
    if (typeof minutes === "number" && minutes > 0 && minutes <= MAX_MINUTES) return nowMs + minutes * 60_000;
    errors.push(`minutes is ${show(minutes)}; a number above 0 and up to ${MAX_MINUTES} is expected`);
    return undefined;
  }
  const time = parseTime(until, { unit: "milliseconds" });
  if (!time.ok || typeof until !== "string") {
    errors.push(time.ok ? "until is no text in ISO 8601" : `until: ${time.reason}`);
    return undefined;
  }
  if (time.timeMs > nowMs && time.timeMs <= nowMs + MAX_MINUTES * 60_000) return time.timeMs;
  errors.push(`until is ${show(until)}; a time in the next ${MAX_MINUTES / 1440} days is expected`);
  return undefined;
}

function show(value: unknown): string {
  return (JSON.stringify(value) as string | undefined)?.slice(0, 80) ?? "absent";
}
