import { SEVERITIES } from "@edge-anomaly-detection/maintenance";
import type { PlantSignal } from "./plant";
import { compare } from "./plant";
import { semanticUnit, type SemanticUnit } from "./units";

/** A part of a DTDL interface; what it may hold is DTDL's to say, and its parser's to check. */
export type DtdlElement = Readonly<Record<string, unknown>>;

/** A DTDL v3 interface. */
export interface Model {
  readonly "@context": readonly string[];
  readonly "@id": string;
  readonly "@type": "Interface";
  readonly displayName: string;
  readonly description: string;
  readonly extends?: string;
  readonly contents: readonly DtdlElement[];
}

/** All models of ours begin so; a twin of another model is somebody else's. */
export const MODEL_PREFIX = "dtmi:edgeAnomalyDetection:";

/** DTMI of a model. Models in Azure Digital Twins never change: whoever changes one here raises its version. */
export const modelId = (name: string, version = 1): string => `${MODEL_PREFIX}${name};${version}`;

/** Health of a machine: the worst severity of its open episodes. */
export const HEALTHS = ["normal", ...SEVERITIES] as const;
export type Health = (typeof HEALTHS)[number];

const CONTEXT = "dtmi:dtdl:context;3";
const QUANTITIES = "dtmi:dtdl:extension:quantitativeTypes;1";

const property = (name: string, schema: unknown, displayName: string, description?: string): DtdlElement => ({
  "@type": "Property",
  name,
  schema,
  displayName,
  ...(description !== undefined && { description }),
});

const relationship = (name: string, target: string, displayName: string, more: DtdlElement = {}): DtdlElement => ({
  "@type": "Relationship",
  name,
  target: modelId(target),
  displayName,
  ...more,
});

const texts = (values: readonly string[]): DtdlElement => ({
  "@type": "Enum",
  valueSchema: "string",
  enumValues: values.map((value) => ({ name: value, enumValue: value })),
});

const fields = (schemas: Readonly<Record<string, unknown>>): DtdlElement => ({
  "@type": "Object",
  fields: Object.entries(schemas).map(([name, schema]) => ({ name, schema })),
});

/** Fields of an episode as a machine's twin keeps it. */
const EPISODE = {
  phase: texts(["open", "closed"]),
  severity: texts(SEVERITIES),
  kind: "string",
  signal: "string",
  startedAt: "dateTime",
  at: "dateTime",
  closedAt: "dateTime",
};

const model = (name: string, displayName: string, description: string, contents: readonly DtdlElement[]): Model => ({
  "@context": [CONTEXT],
  "@id": modelId(name),
  "@type": "Interface",
  displayName,
  description,
  contents,
});

/** Models that every plant has. */
const BASE_MODELS: readonly Model[] = [
  model("Site", "Site", "A factory, as the tag `site` of devices names it.", [
    property("name", "string", "Name"),
    relationship("hasLine", "Line", "Has line"),
    relationship("hasMachine", "Machine", "Has machine", { description: "Machines that belong to no line." }),
  ]),
  model("Line", "Production line", "A production line of a site.", [
    property("name", "string", "Name"),
    relationship("hasMachine", "Machine", "Has machine"),
  ]),
  model("Machine", "Machine", "A machine by the machine id of anomalies, and what is known of its state.", [
    property("name", "string", "Name"),
    property("machineId", "string", "Machine id", "As anomalies carry it."),
    property("deviceId", "string", "Device", "Device that its messages come through."),
    property("equipment", "string", "Equipment", "Equipment or functional location in the maintenance system."),
    property("planningPlant", "string", "Maintenance planning plant"),
    property("workCentre", "string", "Work centre"),
    property("criticality", texts(["A", "B", "C"]), "Criticality", "A stops the line, B slows it, C nobody notices."),
    property("health", texts(HEALTHS), "Health", "The worst severity of its open episodes."),
    property("healthLevel", "integer", "Health level", "Health as a number: 0 normal, 1 info, 2 warning, 3 critical."),
    property("openEpisodes", "integer", "Open episodes"),
    property(
      "episodes",
      {
        "@type": "Map",
        mapKey: { name: "episodeId", schema: "string" },
        mapValue: { name: "episode", schema: fields(EPISODE) },
      },
      "Episodes",
      "Open episodes, and those that ended lately.",
    ),
    property(
      "lastAnomaly",
      fields({
        episodeId: "string",
        severity: texts(SEVERITIES),
        kind: "string",
        signal: "string",
        startedAt: "dateTime",
        at: "dateTime",
        explanation: "string",
      }),
      "Last anomaly",
    ),
    relationship("hasSignal", "Signal", "Has signal"),
  ]),
  model("Signal", "Signal", "A measured quantity of a machine.", [
    property("name", "string", "Name"),
    property("unit", "string", "Unit", "As people write it."),
    property("lastAnomalyAt", "dateTime", "Last anomaly"),
  ]),
  model("Detector", "Detector", "An edge device that analyses the messages of machines.", [
    property("deviceId", "string", "Device"),
    property("modules", { "@type": "Array", elementSchema: "string" }, "Modules", "Edge modules that analyse."),
    relationship("watches", "Machine", "Watches"),
    relationship("connectsThrough", "Detector", "Connects through", { maxMultiplicity: 1 }),
  ]),
];

/** Name of the model of a signal with a semantic unit. */
const quantityName = ({ type, unit }: SemanticUnit): string => `signal:${type}:${unit}`;

/** DTMI of the model that a signal's twin is of. */
export function signalModelId({ unit }: PlantSignal): string {
  const semantic = semanticUnit(unit);
  return semantic === undefined ? modelId("NumericSignal") : modelId(quantityName(semantic));
}

const VALUE = {
  name: "lastAnomalousValue",
  schema: "double",
  displayName: "Last anomalous value",
} as const;

function valued(id: string, displayName: string, value: DtdlElement, context: readonly string[]): Model {
  return {
    "@context": context,
    "@id": id,
    "@type": "Interface",
    displayName,
    description: "A signal with the reading of its last anomaly.",
    extends: modelId("Signal"),
    contents: [value],
  };
}

function signalModel(signal: PlantSignal): Model {
  const semantic = semanticUnit(signal.unit);
  return semantic === undefined
    ? valued(modelId("NumericSignal"), "Signal", { ...VALUE, "@type": "Property" }, [CONTEXT])
    : valued(
        modelId(quantityName(semantic)),
        `${semantic.type} in ${signal.unit ?? ""}`,
        { ...VALUE, "@type": ["Property", semantic.type], unit: semantic.unit },
        [CONTEXT, QUANTITIES],
      );
}

/** The models of a plant with these signals, each after those that it refers to by `extends`; the same signals give the same list. */
export function modelsOf(signals: readonly PlantSignal[]): Model[] {
  const own = new Map(signals.map((signal) => [signalModelId(signal), signalModel(signal)]));
  return [...BASE_MODELS, ...[...own.values()].sort((a, b) => compare(a["@id"], b["@id"]))];
}

/** Name of the file of a model: `Machine-1.json`, `signal-Pressure-bar-1.json`. */
export const modelFile = ({ "@id": id }: Model): string =>
  `${id.slice(MODEL_PREFIX.length).replaceAll(/[:;]/g, "-")}.json`;
