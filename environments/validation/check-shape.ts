import { type Problem, Unreadable } from "@edge-anomaly-detection/common";
import type { PropertyShape, Shape } from "./shape";

/** What a comparison with a shape found. */
export interface ShapeCheck {
  /** The value with something valid in each place that `problems` names, so that the rules can check the rest. */
  readonly repaired: unknown;
  /** What is missing, unknown or of another type. */
  readonly problems: readonly Problem[];
  /** Text of the right type that is in no closed set. It is left in place, because rules often say more about it. */
  readonly doubts: readonly Problem[];
}

/** Names that JavaScript gives every object: as a name in a configuration each of them is a trap. */
const OBJECT_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Compares plain data with the shape that types declare. */
export function checkShape(shape: Shape, value: unknown, path: string): ShapeCheck {
  const check = new Check();
  const repaired = check.visit(shape, value, path, undefined);
  return { repaired, problems: check.problems, doubts: check.doubts };
}

class Check {
  public readonly problems: Problem[] = [];
  public readonly doubts: Problem[] = [];

  public visit(shape: Shape, value: unknown, path: string, doc: string | undefined): unknown {
    switch (shape.kind) {
      case "text":
        return this.text(shape, value, path, doc);
      case "number":
        return typeof value === "number" && Number.isFinite(value) ? value : this.refuse(shape, value, path, doc);
      case "boolean":
        return typeof value === "boolean" && (shape.only ?? value) === value
          ? value
          : this.refuse(shape, value, path, doc);
      case "list":
        return Array.isArray(value)
          ? value.map((item, index) => this.visit(shape.item, item, `${path}[${index}]`, undefined))
          : this.refuse(shape, value, path, doc);
      case "map":
        return isObject(value) ? this.map(shape.value, value, path) : this.refuse(shape, value, path, doc);
      case "object":
        return isObject(value) ? this.object(shape.properties, value, path) : this.refuse(shape, value, path, doc);
      case "choice":
        return this.choice(shape, value, path, doc);
    }
  }

  private text(shape: Shape & { kind: "text" }, value: unknown, path: string, doc: string | undefined): unknown {
    if (typeof value !== "string" || (shape.values !== undefined && OBJECT_NAMES.has(value))) {
      return this.refuse(shape, value, path, doc);
    }
    if (shape.values?.includes(value) === false) {
      this.doubts.push(problem(shape, value, path, doc));
    }
    return value;
  }

  private map(inner: Shape, value: Readonly<Record<string, unknown>>, path: string): unknown {
    const entries = Object.entries(value).flatMap(([name, item]) => {
      if (OBJECT_NAMES.has(name)) {
        this.problems.push({
          path: at(path, name),
          value: item,
          allowed: "any name that JavaScript does not give every object",
          remedy: "rename it",
        });
        return [];
      }
      return [[name, this.visit(inner, item, at(path, name), undefined)] as const];
    });
    return plain(entries);
  }

  private object(
    properties: Readonly<Record<string, PropertyShape>>,
    value: Readonly<Record<string, unknown>>,
    path: string,
  ): unknown {
    const known = Object.entries(properties);
    for (const name of Object.keys(value).filter((key) => !known.some(([one]) => one === key))) {
      this.problems.push(unknownProperty(name, value[name], at(path, name), Object.keys(properties)));
    }
    const entries = known.flatMap(([name, property]) => {
      if (value[name] === undefined && property.optional === true) {
        return [];
      }
      const before = this.problems.length;
      const repaired = this.visit(property.shape, value[name], at(path, name), property.doc);
      // Where a setting may be left out, its default replaces an invalid value best.
      const isReplaced = this.problems.slice(before).some((found) => found.path === at(path, name));
      return isReplaced && property.optional === true ? [] : [[name, repaired] as const];
    });
    return plain(entries);
  }

  private choice(shape: Shape & { kind: "choice" }, value: unknown, path: string, doc: string | undefined): unknown {
    const kinds = shape.shapes.map(kindOf);
    if (kinds.every((kind) => kind === undefined)) {
      const fitting = shape.shapes.find((one) => {
        const attempt = new Check();
        attempt.visit(one, value, path, doc);
        return attempt.problems.length === 0;
      });
      const alike = shape.shapes.find((one) => one.kind === "list" && Array.isArray(value));
      const chosen = fitting ?? alike;
      return chosen === undefined ? this.refuse(shape, value, path, doc) : this.visit(chosen, value, path, doc);
    }
    if (!isObject(value)) {
      return this.refuse(shape, value, path, doc);
    }
    const index = kinds.findIndex((kind) => kind !== undefined && kind === value.kind);
    const chosen = shape.shapes[index];
    if (chosen === undefined) {
      this.problems.push({
        path: at(path, "kind"),
        value: value.kind,
        allowed: kinds.join(", "),
        remedy: value.kind === undefined ? "say which kind it is" : "choose one of them",
      });
      return sample(shape);
    }
    return this.visit(chosen, value, path, doc);
  }

  private refuse(shape: Shape, value: unknown, path: string, doc: string | undefined): unknown {
    this.problems.push(problem(shape, value, path, doc));
    return sample(shape);
  }
}

function problem(shape: Shape, value: unknown, path: string, doc: string | undefined): Problem {
  return {
    path,
    value,
    allowed: `${describe(shape)}${doc === undefined ? "" : `: ${doc.replace(/\.$/, "")}`}`,
    remedy: remedyFor(shape, value),
  };
}

function remedyFor(shape: Shape, value: unknown): string {
  if (value === undefined) {
    return "add it";
  }
  if (value === null) {
    return "write a value, or leave it out where there is a default";
  }
  if (shape.kind === "number" && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) {
    return `write ${value} without quotation marks`;
  }
  if (shape.kind === "boolean" && (value === "true" || value === "false")) {
    return `write ${value} without quotation marks`;
  }
  if (shape.kind === "text") {
    return shape.values === undefined ? "write text in quotation marks" : "choose one of them";
  }
  return value instanceof Unreadable ? "write data only" : `write ${describe(shape)}`;
}

function unknownProperty(name: string, value: unknown, path: string, known: readonly string[]): Problem {
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return {
    path,
    value,
    allowed: `the settings ${known.join(", ")}`,
    remedy: nearest === undefined ? "remove it" : `write ${nearest.candidate}, or remove it`,
  };
}

/** How many letters must be changed, added or removed to make one word of the other. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function describe(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.values?.join(", ") ?? "text";
    case "number":
      return "a number";
    case "boolean":
      return shape.only === undefined ? "true or false" : String(shape.only);
    case "list":
      return "a list";
    case "map":
      return "an object with names of your own";
    case "object":
      return `an object with ${Object.keys(shape.properties).join(", ")}`;
    case "choice": {
      const kinds = shape.shapes.map(kindOf).filter((kind) => kind !== undefined);
      return kinds.length > 0
        ? `an object whose kind is ${kinds.join(", ")}`
        : [...new Set(shape.shapes.map(describe))].join(" or ");
    }
  }
}

/** A valid value of a shape; what rules report about it is not shown. */
function sample(shape: Shape): unknown {
  switch (shape.kind) {
    case "text":
      return shape.values?.[0] ?? "sample";
    case "number":
      return 1;
    case "boolean":
      return shape.only ?? false;
    case "list":
      return [];
    case "map":
      return plain([]);
    case "object":
      return plain(
        Object.entries(shape.properties)
          .filter(([, { optional }]) => optional !== true)
          .map(([name, property]) => [name, sample(property.shape)]),
      );
    case "choice":
      return shape.shapes[0] === undefined ? undefined : sample(shape.shapes[0]);
  }
}

/** The property that distinguishes the objects of a choice. */
function kindOf(shape: Shape): string | undefined {
  const kind = shape.kind === "object" ? shape.properties.kind?.shape : undefined;
  return kind?.kind === "text" ? kind.values?.[0] : undefined;
}

function plain(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.assign(Object.create(null) as Record<string, unknown>, Object.fromEntries(entries));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unreadable);

const at = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
