import { SYSTEM_USERS, type SystemModule } from "../modules";
import { isObject } from "@edge-anomaly-detection/common";
import { type Findings, pointerTo } from "./finding";
import type { ModuleEntry } from "./module-rules";

/** Where agent and hub store by default: in the container, which goes with every change of image or options. */
const DEFAULT_FOLDER = "/tmp";

/** Warns where the runtime's own modules would lose what they store with their containers. */
export function checkStorage(modules: readonly ModuleEntry[], findings: Findings): void {
  for (const { id, value, pointer, isSystem } of modules) {
    if (isSystem && isSystemModule(id) && isObject(value) && isObject(value.settings)) {
      const options = optionsOf(value.settings);
      const folder = `${storageFolderOf(value.env)}/${id}`;
      if (options !== undefined && !mountPoints(options).some((point) => isIn(folder, point))) {
        findings.warning(
          "storage-in-container",
          pointerTo(pointer, "settings"),
          `${id} stores in ${folder}, which no mount of the host covers: ${LOSSES[id]}`,
          `set the variable storageFolder and mount a folder of the host or a named volume there, for user ${SYSTEM_USERS[id]}`,
        );
      }
    }
  }
}

const LOSSES: Readonly<Record<SystemModule, string>> = {
  edgeAgent: "without a network a new container starts no module",
  edgeHub: "messages that wait are lost with every change of its image or options",
};

const isSystemModule = (id: string): id is SystemModule => Object.hasOwn(SYSTEM_USERS, id);

/** Its value, by a name in any case, as .NET reads it; without a slash at the end. */
function storageFolderOf(env: unknown): string {
  const variables = isObject(env) ? Object.entries(env) : [];
  const variable = variables.find(([name]) => name.toLowerCase() === "storagefolder")?.[1];
  const value = isObject(variable) && typeof variable.value === "string" ? variable.value : "";
  return value === "" ? DEFAULT_FOLDER : value.replace(/\/+$/, "");
}

/** `createOptions` with all their pieces; undefined where they cannot be read, which other rules say. */
function optionsOf(settings: Readonly<Record<string, unknown>>): unknown {
  const pieces = Object.entries(settings).filter(([key]) => /^createOptions\d*$/i.test(key));
  const first = settings.createOptions;
  if (isObject(first) || pieces.length === 0) {
    return first ?? {};
  }
  if (pieces.some(([, piece]) => typeof piece !== "string")) {
    return undefined;
  }
  const text = [...pieces]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, piece]) => String(piece))
    .join("");
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Folders of the container that outlive it: bound folders, and mounts that are no memory. Volumes need a name. */
function mountPoints(options: unknown): string[] {
  const host = isObject(options) && isObject(options.HostConfig) ? options.HostConfig : {};
  const binds = Array.isArray(host.Binds) ? host.Binds : [];
  const mounts = Array.isArray(host.Mounts) ? host.Mounts : [];
  return [
    ...binds.flatMap((bind) => (typeof bind === "string" ? (bind.split(":")[1] ?? []) : [])),
    ...mounts.flatMap((mount) => {
      const isKept = isObject(mount) && mount.Type !== "tmpfs" && typeof mount.Source === "string";
      return isKept && typeof mount.Target === "string" ? mount.Target : [];
    }),
  ].map((point) => point.replace(/\/+$/, ""));
}

const isIn = (folder: string, point: string): boolean => folder === point || folder.startsWith(`${point}/`);
