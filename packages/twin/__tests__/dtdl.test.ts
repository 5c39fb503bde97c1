import { createHash } from "node:crypto";
import { stableJson } from "@edge-anomaly-detection/common";
import { type Model, modelId, twinOf } from "../index";
import { modelFile } from "../src/models";
import { SEMANTIC_UNITS } from "../src/units";
import { parsedInterfaces as parsed, plant } from "./support/plant";

const { models } = twinOf(plant);
const machine = models.find((model) => model["@id"] === modelId("Machine"));

it("are valid by Azure's parser, each with its id", async () => {
  expect((await parsed(models)).sort()).toEqual(models.map((model) => model["@id"]).sort());
});

it("are valid with every unit", async () => {
  const signals = Object.keys(SEMANTIC_UNITS).map((unit, index) => ({ name: `s${index}`, unit }));
  const all = twinOf({ ...plant, signals }).models;
  expect((await parsed(all)).length).toBe(5 + new Set(Object.values(SEMANTIC_UNITS).map(({ unit }) => unit)).size);
});

it.each([
  ["another version of DTDL", { "@context": ["dtmi:dtdl:context;9"] }],
  ["an illegal DTMI", { "@id": "dtmi:edge-anomaly:Machine;1" }],
  ["a base that is not there", { extends: modelId("Asset") }],
  ["a schema that is none", { contents: [{ "@type": "Property", name: "health", schema: "text" }] }],
  ["a name that is none", { contents: [{ "@type": "Property", name: "open episodes", schema: "integer" }] }],
])("would not be with %s", async (_name, change) => {
  await expect(parsed([{ ...machine, ...change }])).rejects.toThrow();
});

it("do not change without another version: Azure Digital Twins refuses a model that it has", () => {
  const content = (model: Model): string => createHash("sha256").update(stableJson(model)).digest("hex").slice(0, 12);
  expect(Object.fromEntries(models.map((model) => [modelFile(model), content(model)]))).toMatchInlineSnapshot(`
   {
     "Detector-1.json": "d770b9d7894c",
     "Line-1.json": "59b42a846c86",
     "Machine-1.json": "78b71228c168",
     "NumericSignal-1.json": "09707094ab7d",
     "Signal-1.json": "54337b111071",
     "Site-1.json": "f316d50ae216",
     "signal-Temperature-degreeCelsius-1.json": "0e18e6514883",
   }
  `);
});
