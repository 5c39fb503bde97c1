import { collect, isObject, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { keyOf, type PlantTwin, type Relationship, type Twin } from "./graph";
import type { DtdlElement } from "./models";

/** Limits of Azure Digital Twins that cannot be raised, or are the default (learn.microsoft.com/azure/digital-twins/reference-service-limits). */
export const TWIN_LIMITS = {
  twins: 2_000_000,
  relationships: 10_000_000,
  outgoing: 50_000,
  twinBytes: 32 * 1024,
  textBytes: 4 * 1024,
  idCharacters: 128,
} as const;

/** What a model's interface offers, its bases' included. */
interface Interface {
  readonly ancestors: ReadonlySet<string>;
  readonly properties: ReadonlyMap<string, DtdlElement>;
  readonly relationships: ReadonlyMap<string, DtdlElement>;
}

/**
 * What is wrong with a graph under its models: the part that a DTDL parser, which reads models alone, does not see. Ids, values under
 * the models' schemas, relationships that their sources have and their targets fit, and the service's limits.
 */
export function graphProblems({ models, twins, relationships }: PlantTwin): Problem[] {
  const interfaces = interfacesOf(models);
  const modelOf = new Map(twins.map(({ $dtId, $metadata }) => [$dtId, $metadata.$model]));
  return [
    ...collect(
      tooMany("twins", twins.length, TWIN_LIMITS.twins),
      tooMany("relationships", relationships.length, TWIN_LIMITS.relationships),
    ),
    ...repeated(
      "twins",
      twins.map(({ $dtId }) => $dtId),
    ),
    ...repeated("relationships", relationships.map(keyOf)),
    ...twins.flatMap((twin) => twinProblems(twin, interfaces.get(twin.$metadata.$model))),
    ...relationships.flatMap((one) => relationshipProblems(one, modelOf, interfaces)),
    ...multiplicityProblems(relationships, modelOf, interfaces),
  ];
}

function interfacesOf(models: PlantTwin["models"]): ReadonlyMap<string, Interface> {
  const byId = new Map(models.map((model) => [model["@id"], model]));
  const chain = (id: string | undefined): PlantTwin["models"][number][] => {
    const model = id === undefined ? undefined : byId.get(id);
    return model === undefined ? [] : [model, ...chain(model.extends)];
  };
  return new Map(
    models.map((model) => {
      const all = chain(model["@id"]);
      const contents = all.flatMap((one) => one.contents);
      const named = (type: string): Map<string, DtdlElement> =>
        new Map(contents.filter((one) => typesOf(one).includes(type)).map((one) => [String(one.name), one]));
      return [
        model["@id"],
        {
          ancestors: new Set(all.map((one) => one["@id"])),
          properties: named("Property"),
          relationships: named("Relationship"),
        },
      ];
    }),
  );
}

const typesOf = ({ "@type": type }: DtdlElement): readonly unknown[] => (Array.isArray(type) ? type : [type]);

const tooMany = (path: string, count: number, max: number): ReturnType<typeof problemIf> =>
  problemIf(
    count > max,
    path,
    count,
    `at most ${max}`,
    "split the plant over environments: each has an instance of its own",
  );

function repeated(path: string, keys: readonly string[]): Problem[] {
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated
      ? [{ path, value: key, allowed: "each id once", remedy: "rename one of the two things that have this id" }]
      : [];
  });
}

function twinProblems(twin: Twin, of: Interface | undefined): Problem[] {
  const { $dtId, $metadata, ...properties } = twin;
  const path = `twins.${$dtId}`;
  if (of === undefined) {
    return [
      { path, value: $metadata.$model, allowed: "a model in the list", remedy: "add the model, or correct its DTMI" },
    ];
  }
  return [
    ...collect(
      problemIf(
        !/^[A-Za-z0-9._-]+$/.test($dtId) || $dtId.length > TWIN_LIMITS.idCharacters,
        path,
        $dtId,
        `1 to ${TWIN_LIMITS.idCharacters} letters, digits and . _ -`,
        "make ids with twinId",
      ),
      problemIf(
        Buffer.byteLength(JSON.stringify(twin)) > TWIN_LIMITS.twinBytes,
        path,
        `${Buffer.byteLength(JSON.stringify(twin))} bytes`,
        `at most ${TWIN_LIMITS.twinBytes} bytes`,
        "shorten its texts",
      ),
    ),
    ...Object.entries(properties).flatMap(([name, value]) => {
      const schema = of.properties.get(name)?.schema;
      return schema === undefined
        ? [
            {
              path: `${path}.${name}`,
              value,
              allowed: "a property of its model",
              remedy: "correct the property's name",
            },
          ]
        : valueProblems(`${path}.${name}`, value, schema);
    }),
  ];
}

/** What a primitive schema takes. */
const PRIMITIVES: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  string: [
    `a text of at most ${TWIN_LIMITS.textBytes} bytes`,
    (value) => typeof value === "string" && Buffer.byteLength(value) <= TWIN_LIMITS.textBytes,
  ],
  integer: ["a whole number", (value) => Number.isInteger(value)],
  double: ["a number", (value) => typeof value === "number" && Number.isFinite(value)],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  dateTime: [
    "a time in ISO 8601 with a zone",
    (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value),
  ],
};

function valueProblems(path: string, value: unknown, schema: unknown): Problem[] {
  const wrong = (allowed: string): Problem[] => [{ path, value, allowed, remedy: "correct the value" }];
  if (typeof schema === "string") {
    const primitive = Object.hasOwn(PRIMITIVES, schema) ? PRIMITIVES[schema] : undefined;
    if (primitive === undefined) {
      return wrong(`a schema of ${Object.keys(PRIMITIVES).join(", ")}: ${schema} is not checked`);
    }
    const [allowed, fits] = primitive;
    return fits(value) ? [] : wrong(allowed);
  }
  const { "@type": type, ...rest } = isObject(schema) ? schema : {};
  switch (type) {
    case "Enum": {
      const values = listOf(rest.enumValues).map(({ enumValue }) => enumValue);
      return values.includes(value) ? [] : wrong(values.join(", "));
    }
    case "Array":
      return Array.isArray(value)
        ? value.flatMap((one, index) => valueProblems(`${path}[${index}]`, one, rest.elementSchema))
        : wrong("a list");
    case "Map": {
      const inner = isObject(rest.mapValue) ? rest.mapValue.schema : undefined;
      return isObject(value)
        ? Object.entries(value).flatMap(([key, one]) => valueProblems(`${path}.${key}`, one, inner))
        : wrong("an object");
    }
    case "Object": {
      const schemas = new Map(listOf(rest.fields).map((field) => [String(field.name), field.schema]));
      return isObject(value)
        ? Object.entries(value).flatMap(([key, one]) =>
            schemas.has(key)
              ? valueProblems(`${path}.${key}`, one, schemas.get(key))
              : [{ path: `${path}.${key}`, value: one, allowed: "a field of its schema", remedy: "correct the name" }],
          )
        : wrong("an object");
    }
    default:
      return wrong("a value of a schema that is known");
  }
}

const listOf = (value: unknown): readonly DtdlElement[] => (Array.isArray(value) ? value.filter(isObject) : []);

function relationshipProblems(
  { $dtId, $targetId, $relationshipId, $relationshipName }: Relationship,
  modelOf: ReadonlyMap<string, string>,
  interfaces: ReadonlyMap<string, Interface>,
): Problem[] {
  const path = `relationships.${$dtId}.${$relationshipId}`;
  const source = interfaces.get(modelOf.get($dtId) ?? "");
  const target = interfaces.get(modelOf.get($targetId) ?? "");
  const wanted = source?.relationships.get($relationshipName)?.target;
  return collect(
    problemIf(source === undefined, path, $dtId, "a twin of the graph", "add the source, or correct its id"),
    problemIf(target === undefined, path, $targetId, "a twin of the graph", "add the target, or correct its id"),
    problemIf(
      source !== undefined && !source.relationships.has($relationshipName),
      path,
      $relationshipName,
      `one of its source's model: ${[...(source?.relationships.keys() ?? [])].join(", ")}`,
      "correct the relationship's name",
    ),
    problemIf(
      typeof wanted === "string" && target !== undefined && !target.ancestors.has(wanted),
      path,
      $targetId,
      `a twin of ${String(wanted)}`,
      "let it point to a twin of that model",
    ),
  );
}

function multiplicityProblems(
  relationships: readonly Relationship[],
  modelOf: ReadonlyMap<string, string>,
  interfaces: ReadonlyMap<string, Interface>,
): Problem[] {
  const counts = new Map<string, { of: Relationship; named: number }>();
  const outgoing = new Map<string, number>();
  for (const one of relationships) {
    const key = `${one.$dtId} ${one.$relationshipName}`;
    counts.set(key, { of: one, named: (counts.get(key)?.named ?? 0) + 1 });
    outgoing.set(one.$dtId, (outgoing.get(one.$dtId) ?? 0) + 1);
  }
  return collect(
    ...[...counts.values()].map(({ of: { $dtId, $relationshipName: name }, named }) => {
      const max = interfaces.get(modelOf.get($dtId) ?? "")?.relationships.get(name)?.maxMultiplicity;
      return problemIf(
        typeof max === "number" && named > max,
        `relationships.${$dtId}.${name}`,
        named,
        `at most ${String(max)}`,
        "leave the others out",
      );
    }),
    ...[...outgoing].map(([id, count]) =>
      problemIf(
        count > TWIN_LIMITS.outgoing,
        `relationships.${id}`,
        count,
        `at most ${TWIN_LIMITS.outgoing} from one twin`,
        "spread its machines over lines: give devices the tag line",
      ),
    ),
  );
}
