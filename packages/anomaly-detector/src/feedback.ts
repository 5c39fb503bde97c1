import { type Alert, episodeIdOf } from "./alerts";
import type { PlantAlerts } from "./plant-alerts";
import type { Watched } from "./machine-state";

/** What a person may say of an episode or a machine. */
export type Feedback = "confirm" | "falseAlarm" | "acceptLevel" | "maintenance";

export interface FeedbackTarget {
  readonly machineId: string;
  readonly episodeId?: string;
  readonly signal?: string;
  readonly untilMs?: number;
}

export type FeedbackResult =
  | { readonly ok: true; readonly alerts: readonly Alert[]; readonly message: string }
  | { readonly ok: false; readonly reason: string };

/** Takes what a person says of the machine `watched`. Ends of episodes are told by `alerting`. */
export function takeFeedback(
  watched: Watched | undefined,
  alerting: PlantAlerts,
  kind: Feedback,
  target: FeedbackTarget,
  nowMs: number,
): FeedbackResult {
  const { names } = alerting;
  const { machineId, episodeId, signal, untilMs } = target;
  if (!watched?.plant) return { ok: false, reason: `machine ${machineId} is not watched` };
  const index = signal === undefined ? undefined : names.indexOf(signal);
  if (index === -1) return { ok: false, reason: `${signal ?? ""} is none of ${names.join(", ")}` };
  const { plant } = watched;
  if (kind === "maintenance") {
    if (untilMs === undefined || !Number.isFinite(untilMs)) return { ok: false, reason: "untilMs is no time" };
    const until = (plant.maintenanceUntilMs ??= new Array<number>(plant.count).fill(0));
    for (let i = 0; i < plant.count; i++) if (index === undefined || index === i) until[i] = untilMs;
    const ends = plant.episode?.members.every((member) => index === undefined || member.signal === index) ?? false;
    if (plant.episode && ends) plant.acceptLevels(index);
    const alerts = ends ? [alerting.of(machineId, watched, plant.close("maintenance"), nowMs)] : [];
    return { ok: true, alerts, message: "not alerted and not learnt from until then" };
  }
  if (kind === "acceptLevel") {
    plant.acceptLevels(index);
    const ends = plant.episode?.members.every((member) => index === undefined || member.signal === index) ?? false;
    const alerts = ends ? [alerting.of(machineId, watched, plant.close("newLevel"), nowMs)] : [];
    return { ok: true, alerts, message: "what is measured now is normal" };
  }
  const current = plant.episode;
  const open = current && episodeIdOf(machineId, "plant", current.startMs) === episodeId ? current : undefined;
  const episode = open
    ? { startMs: open.startMs, lastMs: plant.lastMs }
    : watched.past.find(({ id }) => id === episodeId);
  if (!episode) return { ok: false, reason: `no episode ${episodeId ?? ""} of ${machineId} is known` };
  plant.memory.judge(episode.startMs, episode.lastMs, kind === "confirm");
  if (kind === "confirm") {
    if (open) open.confirmed = true;
    plant.spent = Math.max(0, plant.spent - 1);
    return { ok: true, alerts: [], message: "kept as a fault: it will be alerted whenever it returns" };
  }
  if (!open) return { ok: true, alerts: [], message: "the like of it is normal from now on" };
  plant.acceptLevels();
  const alerts = [alerting.of(machineId, watched, plant.close("falseAlarm"), nowMs)];
  return { ok: true, alerts, message: "closed, and the like of it is normal from now on" };
}
