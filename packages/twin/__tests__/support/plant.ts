import { createParser, ModelParsingOption } from "@azure/dtdl-parser";
import type { Plant } from "../../index";

/** Ids of the interfaces in models, by Azure's DTDL parser; throws what it finds wrong. */
export async function parsedInterfaces(models: readonly unknown[]): Promise<string[]> {
  const found = await createParser(ModelParsingOption.PermitAnyTopLevelElement).parse(
    models.map((model) => JSON.stringify(model)),
  );
  return Object.entries(found).flatMap(([id, entity]) => (entity?.entityKind === "interface" ? [id] : []));
}

/** Two sites, a line, a gateway with a nested edge device and a sensor without a runtime behind it. */
export const plant: Plant = {
  name: "prod",
  modules: ["anomalyDetector", "anomaly-job"],
  signals: [{ name: "temperature", unit: "°C" }, { name: "pressure" }, { name: "vibration", unit: "mm/s" }],
  devices: [
    { id: "aachen-press-01", site: "aachen", line: "press" },
    { id: "aachen-press-02", site: "aachen", line: "press" },
    { id: "essen-gateway", site: "essen" },
    { id: "essen-mill-01", site: "essen", parent: "essen-gateway" },
    { id: "essen-pump-01", isEdge: false, parent: "essen-mill-01" },
  ],
  records: {
    "aachen-press-01": { equipment: "10004711", planningPlant: "1010", workCentre: "MECH", criticality: "A" },
  },
};
