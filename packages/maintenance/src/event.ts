import { type MachineRecord, requestedWindow, type RequestedWindow } from "./schedule";
import type { Episode, Word } from "./words";

/** What an event asks for. */
export type Phase = "requested" | "completed";

/** Property of a work alert: B2MML's `WorkAlertProperty`. */
export interface WorkAlertProperty {
  readonly ID: string;
  readonly Value: string;
}

/**
 * A work alert of ISA-95 as B2MML (V0701, MESA International) names its parts: `ID` is the episode, `HierarchyScope` the machine.
 */
export interface WorkAlert {
  readonly ID: string;
  readonly Description: string;
  readonly MessageText: string;
  readonly HierarchyScope: string;
  /** ISO 8601. */
  readonly TimeStamp: string;
  /** 1 is the most urgent. */
  readonly Priority: number;
  readonly Category: string;
  readonly WorkAlertProperty: readonly WorkAlertProperty[];
}

/** A request for maintenance as CloudEvents 1.0 (github.com/cloudevents/spec), in structured mode. */
export interface MaintenanceEvent {
  readonly specversion: "1.0";
  /** `<episode>:<phase>`: the same for every repetition. */
  readonly id: string;
  readonly source: string;
  readonly type: `com.edge-anomaly-detection.maintenance.${Phase}.v1`;
  /** The machine. */
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly dataschema: string;
  readonly data: { readonly WorkAlert: WorkAlert };
}

/** Names the form of `data`; the schema is `work-alert.schema.json` of this package. */
export const DATA_SCHEMA = "urn:edge-anomaly-detection:work-alert:1";

/** Longest texts that systems take, in characters. */
const MAX_TEXT = 500;

/** The event that asks for a phase of an episode. */
export function maintenanceEvent(phase: Phase, word: Word, machine: MachineRecord | undefined): MaintenanceEvent {
  const { episode, at } = word;
  const window = requestedWindow(episode, machine, new Date(episode.startedAt));
  return {
    specversion: "1.0",
    id: `${episode.episodeId}:${phase}`,
    source: episode.source,
    type: `com.edge-anomaly-detection.maintenance.${phase}.v1`,
    subject: episode.machineId,
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    dataschema: DATA_SCHEMA,
    data: { WorkAlert: workAlert(episode, window, machine) },
  };
}

function workAlert(episode: Episode, window: RequestedWindow, machine: MachineRecord | undefined): WorkAlert {
  const properties: Readonly<Record<string, string>> = {
    Severity: episode.severity,
    Trend: episode.trend,
    Signal: episode.signal,
    Device: episode.deviceId,
    Equipment: machine?.equipment ?? episode.machineId,
    PlanningPlant: machine?.planningPlant ?? "",
    WorkCentre: machine?.workCentre ?? "",
    RequestedStart: window.start,
    RequestedEnd: window.end,
    Explanation: window.explanation.join("; "),
  };
  return {
    ID: episode.episodeId,
    Description: `${episode.kind} at ${episode.machineId}`.slice(0, MAX_TEXT),
    MessageText: episode.explanation.slice(0, MAX_TEXT),
    HierarchyScope: episode.machineId,
    TimeStamp: new Date(episode.startedAt).toISOString(),
    Priority: window.priority,
    Category: "Maintenance",
    WorkAlertProperty: Object.entries(properties)
      .filter(([, value]) => value !== "")
      .map(([ID, Value]) => ({ ID, Value })),
  };
}
