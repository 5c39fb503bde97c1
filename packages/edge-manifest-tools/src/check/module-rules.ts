import { isObject } from "@edge-anomaly-detection/common";
import { IMAGE_REPOSITORIES } from "../modules";
import { checkCreateOptions } from "./create-options";
import { type Findings, pointerTo, show } from "./finding";
import { imageMistake, repositoryOf, splitImage } from "../image-reference";
import { hasPlaceholder } from "./placeholder";

/** A module of a document. */
export interface ModuleEntry {
  readonly id: string;
  readonly pointer: string;
  readonly value: unknown;
  /** `edgeAgent` and `edgeHub`, which every device has. */
  readonly isSystem: boolean;
}

const CLOSED_SETS = {
  status: ["running", "stopped"],
  restartPolicy: ["never", "on-failure", "on-unhealthy", "always"],
  imagePullPolicy: ["on-create", "never"],
} as const;
const KNOWN = ["type", "version", "status", "restartPolicy", "imagePullPolicy", "startupOrder", "env", "settings"];
/** `digest` is what content trust verifies an image by (Azure/iotedge, `DockerConfig.cs`). */
const KNOWN_SETTINGS = /^(image|digest|createOptions\d*)$/i;
const MAX_STARTUP_ORDER = 4_294_967_295;

/** One module: its id, policies, variables, image and container options. */
export function checkModule(entry: ModuleEntry, isTemplate: boolean, findings: Findings): void {
  const { id, pointer, value, isSystem } = entry;
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(id) && !hasPlaceholder(id)) {
    findings.error(
      "module-name",
      pointer,
      `a module called ${show(id)}`,
      "use 1 to 128 letters, digits, hyphens and underscores",
    );
  }
  if (!isObject(value)) {
    findings.error("module-form", pointer, `a module that is ${show(value)}`, "write an object with type and settings");
    return;
  }
  checkPolicies(entry, value, findings);
  checkUnknown(value, pointer, findings);
  checkEnv(value.env, pointerTo(pointer, "env"), findings);
  const settings = value.settings;
  if (!isObject(settings)) {
    findings.error("module-settings", pointer, "a module without settings", "add settings with the module's image");
    return;
  }
  checkSettings(settings, pointerTo(pointer, "settings"), isTemplate, findings);
  if (!isSystem && repositoryOf(settings.image) === IMAGE_REPOSITORIES.simulatedSensor) {
    checkSimulatedSensor(value, pointer, findings);
  }
}

function checkSettings(
  settings: Readonly<Record<string, unknown>>,
  pointer: string,
  isTemplate: boolean,
  findings: Findings,
): void {
  for (const name of Object.keys(settings).filter((key) => !KNOWN_SETTINGS.test(key))) {
    findings.unread(
      "module-settings",
      pointerTo(pointer, name),
      name,
      `a setting ${show(name)} that the agent does not know`,
      KNOWN.includes(name)
        ? `move ${name} beside settings`
        : "remove it; settings have image and createOptions; what a module reads itself belongs into env or its twin",
    );
  }
  checkImage(settings.image, pointerTo(pointer, "image"), isTemplate, findings);
  checkCreateOptions(settings, pointer, isTemplate, findings);
}

function checkPolicies(entry: ModuleEntry, value: Readonly<Record<string, unknown>>, findings: Findings): void {
  const { id, pointer, isSystem } = entry;
  if (value.type !== "docker" && !hasPlaceholder(value.type)) {
    findings.error("module-type", pointerTo(pointer, "type"), `a type of ${show(value.type)}`, 'write "docker"');
  }
  for (const [field, allowed] of Object.entries(CLOSED_SETS)) {
    checkPolicy(value[field], allowed, field, pointerTo(pointer, field), findings);
  }
  if (!(id === "edgeAgent" && isSystem)) {
    if (value.status === undefined) {
      findings.error("module-policy", pointer, "no status", `add status: ${CLOSED_SETS.status.join(", ")}`);
    }
    if (value.restartPolicy === undefined) {
      findings.warning(
        "module-policy",
        pointer,
        "no restartPolicy: the agent takes always, and Azure's schema refuses it",
        `add restartPolicy: ${CLOSED_SETS.restartPolicy.join(", ")}`,
      );
    }
  }
  const order = value.startupOrder;
  const isOrder = typeof order === "number" && Number.isInteger(order) && order >= 0 && order <= MAX_STARTUP_ORDER;
  if (order !== undefined && !isOrder && !hasPlaceholder(order)) {
    findings.error(
      "startup-order",
      pointerTo(pointer, "startupOrder"),
      `a start order of ${show(order)}`,
      `use a whole number from 0 to ${MAX_STARTUP_ORDER}`,
    );
  }
}

function checkPolicy(
  given: unknown,
  allowed: readonly string[],
  field: string,
  pointer: string,
  findings: Findings,
): void {
  if (given === undefined || hasPlaceholder(given) || allowed.includes(given as string)) {
    return;
  }
  const meant = allowed.find((name) => typeof given === "string" && name === given.toLowerCase());
  if (meant === undefined) {
    findings.error("module-policy", pointer, `${field} ${show(given)}`, `use ${allowed.join(", ")}`);
  } else {
    findings.warning(
      "module-policy",
      pointer,
      `${field} ${show(given)}, which devices take and Azure's schema refuses`,
      `write ${meant}`,
    );
  }
}

/** Names that the agent reads in any case, and Azure's schema as they are written alone. */
function checkUnknown(value: Readonly<Record<string, unknown>>, pointer: string, findings: Findings): void {
  for (const field of Object.keys(value).filter((name) => !KNOWN.includes(name))) {
    const place = pointerTo(pointer, field);
    const meant = KNOWN.find((name) => name.toLowerCase() === field.toLowerCase());
    if (meant === undefined) {
      findings.unread(
        "module-form",
        place,
        field,
        `a property ${show(field)} that the agent does not know`,
        `remove it; a module has ${KNOWN.join(", ")}`,
      );
    } else {
      findings.warning(
        "module-form",
        place,
        `a property ${show(field)}, which devices take and Azure's schema refuses`,
        `write ${meant}`,
      );
    }
  }
}

function checkEnv(env: unknown, pointer: string, findings: Findings): void {
  if (env === undefined || hasPlaceholder(env)) {
    return;
  }
  if (!isObject(env)) {
    findings.error("variable-form", pointer, `variables that are ${show(env)}`, 'write { "NAME": { "value": "…" } }');
    return;
  }
  for (const [name, variable] of Object.entries(env)) {
    const place = pointerTo(pointer, name);
    if (!/^[^+#$\s.]+$/.test(name) && !hasPlaceholder(name)) {
      findings.error(
        "variable-name",
        place,
        `a variable called ${show(name)}`,
        "use a name without +, #, $, dots and spaces",
      );
    }
    const value = isObject(variable) ? variable.value : undefined;
    const remedy = 'write { "value": … } with text, a number or a boolean';
    if (isObject(variable) && value === undefined) {
      findings.warning("variable-form", place, `a variable ${show(name)} without a value, which is empty`, remedy);
    } else if (!["string", "number", "boolean"].includes(typeof value) && !hasPlaceholder(variable)) {
      findings.error("variable-form", place, `a variable that is ${show(variable)}`, remedy);
    }
  }
}

function checkImage(image: unknown, pointer: string, isTemplate: boolean, findings: Findings): void {
  if (typeof image !== "string" || image.trim() === "") {
    findings.error("image", pointer, `an image of ${show(image)}`, "name an image with registry and tag");
    return;
  }
  // What fills a place in, fills it in with a registry, an image or a version.
  if (hasPlaceholder(image) || (isTemplate && /^\$(?!upstream)/.test(image.trim()))) {
    return;
  }
  const mistake = imageMistake(image);
  if (mistake !== undefined) {
    findings.error("image", pointer, `the image ${show(image)} ${mistake.problem}`, mistake.remedy);
    return;
  }
  const { tag, digest } = splitImage(image.trim());
  if (digest === undefined && (tag === undefined || tag === "latest")) {
    findings.warning(
      "image-tag",
      pointer,
      `the image ${show(image)} is not pinned: ${tag === undefined ? "it has no tag" : "latest is whatever was pushed last"}`,
      "name a version or a digest, so that devices run what was tested and a change is seen",
    );
  } else if (digest === undefined && /^\d+(\.\d+)?$/.test(tag ?? "")) {
    findings.warning(
      "image-rolling-tag",
      pointer,
      `the tag ${tag ?? ""} moves with every patch release`,
      "name the patch release as well, so that devices run the same",
    );
  }
  checkSupport(image, pointer, findings);
}

function checkSupport(image: string, pointer: string, findings: Findings): void {
  const repository = repositoryOf(image);
  const version = /^1\.(\d+)(?:\D|$)/.exec(splitImage(image).tag ?? "");
  const isRuntime = repository === IMAGE_REPOSITORIES.edgeAgent || repository === IMAGE_REPOSITORIES.edgeHub;
  if (isRuntime && version !== null && Number(version[1]) < 6) {
    findings.warning(
      "image-support",
      pointer,
      `support for IoT Edge ${version[0].replace(/\D$/, "")} has ended (for 1.5 on 2026-11-10)`,
      "use the 1.6 line, for example 1.6.1",
    );
  }
  if (/azure-cognitive-services\/(decision\/)?anomaly-detector/.test(repository)) {
    findings.error(
      "image-support",
      pointer,
      "the Anomaly Detector service, which this container needs to start, was retired on 2026-10-01",
      "run a module of your own that holds its model, as the ML detector layer does",
    );
  }
}

function checkSimulatedSensor(value: Readonly<Record<string, unknown>>, pointer: string, findings: Findings): void {
  const env = isObject(value.env) ? value.env : {};
  if (env.MessageCount === undefined) {
    findings.warning(
      "sensor-stops",
      pointerTo(pointer, "env"),
      "the simulated sensor stops after 500 messages",
      'add "MessageCount": { "value": -1 }',
    );
  }
}
