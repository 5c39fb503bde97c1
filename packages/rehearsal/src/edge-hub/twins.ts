import { isObject, type JsonObject, type JsonValue } from "./json";

/** A twin as a module gets it; both parts carry their `$version`. */
export interface Twin {
  readonly desired: JsonObject;
  readonly reported: JsonObject;
}

interface Part {
  version: number;
  properties: JsonObject;
}

/** A twin as it is stored. */
export interface SavedTwin {
  readonly desired: Part;
  readonly reported: Part;
}

/** Where twins outlive the hub's process. */
export interface TwinStorage {
  read(module: string): SavedTwin | undefined;
  write(module: string, twin: SavedTwin): void;
}

/** Bytes of a twin's desired or reported properties as JSON (learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins). */
export const MAX_TWIN_BYTES = 32 * 1024;

/** A patch that a twin does not take. */
export class TwinError extends Error {}

/** The twins of a device's modules. */
export class Twins {
  private readonly twins = new Map<string, SavedTwin>();

  public constructor(private readonly storage: TwinStorage) {}

  public get(module: string): Twin {
    const { desired, reported } = this.twin(module);
    return { desired: withVersion(desired), reported: withVersion(reported) };
  }

  /** Sets desired properties whole, as a deployment does. Returns the patch that a connected module gets, if anything changed. */
  public deploy(module: string, properties: JsonObject): JsonObject | undefined {
    const { desired } = this.twin(module);
    const patch = difference(desired.properties, properties);
    return patch === undefined ? undefined : this.patchDesired(module, patch);
  }

  /** Merges desired properties; returns the patch with the new version, as the module gets it. */
  public patchDesired(module: string, patch: JsonObject): JsonObject {
    return { ...withoutVersion(patch), $version: this.patch(module, "desired", patch) };
  }

  /** Merges reported properties; returns their new version. @throws TwinError where they would be too large */
  public report(module: string, patch: JsonObject): number {
    return this.patch(module, "reported", patch);
  }

  private patch(module: string, name: keyof SavedTwin, patch: JsonObject): number {
    const twin = this.twin(module);
    const properties = merge(twin[name].properties, withoutVersion(patch));
    const bytes = Buffer.byteLength(JSON.stringify(properties));
    if (bytes > MAX_TWIN_BYTES) {
      throw new TwinError(`${name} properties of ${module} would have ${bytes} bytes; allowed: ${MAX_TWIN_BYTES}`);
    }
    twin[name].properties = properties;
    twin[name].version += 1;
    this.storage.write(module, twin);
    return twin[name].version;
  }

  private twin(module: string): SavedTwin {
    let twin = this.twins.get(module);
    if (twin === undefined) {
      const empty = (): Part => ({ version: 1, properties: {} });
      twin = this.storage.read(module) ?? { desired: empty(), reported: empty() };
      this.twins.set(module, twin);
    }
    return twin;
  }
}

const withVersion = ({ version, properties }: Part): JsonObject => ({ ...properties, $version: version });

function withoutVersion(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== "$version"));
}

/** The hub's merge: objects are merged, null removes, everything else is set whole. */
export function merge(into: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(into));
  for (const [key, value] of Object.entries(patch)) {
    const before = into[key];
    if (value === null) merged.delete(key);
    else merged.set(key, isObject(value) ? merge(isObject(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The patch that makes one object of another; undefined where they are equal. */
function difference(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch: Record<string, JsonValue> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (now === undefined) {
      patch[key] = null;
    } else if (isObject(old) && isObject(now)) {
      const inner = difference(old, now);
      if (inner !== undefined) patch[key] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(now)) {
      patch[key] = now;
    }
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
