import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import type { EdgeDevice } from "./device-list";

/** Devices that are updated together. */
export interface EdgeRing {
  /** Name of the version that they run. Another one here promotes the ring; the old one again rolls it back. */
  readonly version: string;
  /** Tags that a device must have to belong to the ring; of several values one is enough. @default - every device of the environment */
  readonly where?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * A ring's target condition: by tags alone, so that devices from elsewhere belong as well.
 *
 * @param tags what is asked for beside the ring's own tags
 */
export function conditionOf(environment: string, ring: EdgeRing, tags: Readonly<Record<string, string>> = {}): string {
  const terms = Object.entries({ ...ring.where, ...tags }).map(([tag, values]) => {
    const choices = valuesOf(values).map((value) => `tags.${tag} = '${value}'`);
    return choices.length === 1 ? choices.join() : `(${choices.join(" OR ")})`;
  });
  return [`tags.environment = '${environment}'`, ...terms].join(" AND ");
}

const valuesOf = (values: string | readonly string[]): readonly string[] =>
  typeof values === "string" ? [values] : values;

/** Whether a device belongs to a ring, as the hub would decide by its condition. */
export function isInRing(device: EdgeDevice, ring: EdgeRing): boolean {
  return Object.entries(ring.where ?? {}).every(([tag, values]) => {
    const own = device.tags?.[tag];
    return own !== undefined && valuesOf(values).includes(own);
  });
}

/** Validation errors in rings: names, conditions, versions, devices in none or in several. */
export function ringProblems(
  rings: Readonly<Record<string, EdgeRing>>,
  versions: readonly string[],
  devices: readonly EdgeDevice[],
): Problem[] {
  const entries = Object.entries(rings);
  return [
    ...collect(
      problemIf(
        entries.length === 0,
        "rings",
        rings,
        "at least one ring",
        "name the devices that are updated together",
      ),
      ...entries.flatMap(([name, ring]) => [
        hasForm(
          `rings.${name}`,
          name,
          /^[a-z0-9][a-z0-9-]{0,31}$/,
          "a name of 1 to 32 lower-case letters, digits and hyphens",
          "rename the ring, for example canary or fleet",
        ),
        oneOf(`rings.${name}.version`, ring.version, versions, "name one of the versions, or add it to versions"),
        ...conditionProblems(`rings.${name}.where`, ring),
      ]),
    ),
    ...overlaps(entries),
    ...leftOut(entries, devices),
  ];
}

function conditionProblems(path: string, ring: EdgeRing): (Problem | readonly Problem[] | undefined)[] {
  return Object.entries(ring.where ?? {}).flatMap(([tag, values]) => [
    hasForm(
      `${path}.${tag}`,
      tag,
      /^(?!(environment|gateway)$)[A-Za-z_]\w{0,62}$/,
      "a tag of 1 to 63 letters, digits and underscores, other than environment and gateway, which are asked for anyway",
      "write the tag as devices have it",
    ),
    problemIf(
      valuesOf(values).length === 0,
      `${path}.${tag}`,
      values,
      "at least one value",
      "name a value, or leave the tag out",
    ),
    ...valuesOf(values).map((value) =>
      hasForm(
        `${path}.${tag}`,
        value,
        /^[\w\-:.+%#*?!(),=@;]{1,128}$/,
        "a value of 1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ;",
        "write the value as devices have it",
      ),
    ),
  ]);
}

/** Pairs of rings that a device could belong to at once: none of the tags that both ask for keeps them apart. */
function overlaps(entries: readonly (readonly [string, EdgeRing])[]): Problem[] {
  return entries.flatMap(([name, ring], index) =>
    entries.slice(0, index).flatMap(([earlierName, earlier]) => {
      const apart = Object.entries(ring.where ?? {}).some(([tag, values]) => {
        const others = earlier.where?.[tag];
        return others !== undefined && !valuesOf(values).some((value) => valuesOf(others).includes(value));
      });
      return collect(
        problemIf(
          !apart,
          `rings.${name}.where`,
          ring.where,
          `a condition that no device of ring ${earlierName} can fulfil`,
          "ask in both rings for the same tag with different values, for example ring = canary and ring = fleet",
        ),
      );
    }),
  );
}

/** Edge devices that no ring takes; the first few by id, all by number. */
function leftOut(entries: readonly (readonly [string, EdgeRing])[], devices: readonly EdgeDevice[]): Problem[] {
  const none = devices.flatMap((device, index) =>
    device.edge === false || entries.some(([, ring]) => isInRing(device, ring)) ? [] : [{ device, index }],
  );
  const shown = none.slice(0, 5);
  const more = none.length - shown.length;
  return shown.map(({ device, index }, position) => ({
    path: `devices[${index}].tags`,
    value: device.tags,
    allowed: "tags that one of the rings asks for",
    remedy:
      `give ${device.id} a tag by which it belongs to ${entries.map(([name]) => name).join(" or ")}` +
      (position === shown.length - 1 && more > 0 ? `; so for ${more} more devices` : ""),
  }));
}
