import { isObject } from "../json";
import { CREATE_OPTIONS_PIECES, CREATE_OPTIONS_PIECE } from "../manifest";
import { IMAGE_REPOSITORIES } from "../modules";
import { type Findings, pointerTo, show } from "./finding";

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
const REQUIRED = ["status", "restartPolicy"] as const;
const KNOWN = ["type", "version", "status", "restartPolicy", "imagePullPolicy", "startupOrder", "env", "settings"];
const MAX_STARTUP_ORDER = 4_294_967_295;

/** One module: its id, policies, variables, image and container options. */
export function checkModule(entry: ModuleEntry, isTemplate: boolean, findings: Findings): void {
  const { id, pointer, value, isSystem } = entry;
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(id)) {
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
  checkEnv(value.env, pointerTo(pointer, "env"), findings);
  const settings = value.settings;
  if (!isObject(settings)) {
    findings.error("module-settings", pointer, "a module without settings", "add settings with the module's image");
    return;
  }
  checkImage(settings.image, pointerTo(pointer, "settings", "image"), isTemplate, findings);
  checkCreateOptions(settings, pointerTo(pointer, "settings"), isTemplate, findings);
  if (!isSystem && repositoryOf(settings.image) === IMAGE_REPOSITORIES.simulatedSensor) {
    checkSimulatedSensor(value, pointer, findings);
  }
}

function checkPolicies(entry: ModuleEntry, value: Readonly<Record<string, unknown>>, findings: Findings): void {
  const { id, pointer, isSystem } = entry;
  if (value.type !== "docker") {
    findings.error("module-type", pointerTo(pointer, "type"), `a type of ${show(value.type)}`, 'write "docker"');
  }
  for (const [field, allowed] of Object.entries(CLOSED_SETS)) {
    const given = value[field];
    if (given !== undefined && !(allowed as readonly unknown[]).includes(given)) {
      findings.error(
        "module-policy",
        pointerTo(pointer, field),
        `${field} ${show(given)}`,
        `use ${allowed.join(", ")}`,
      );
    }
  }
  const missing = id === "edgeAgent" && isSystem ? [] : REQUIRED.filter((field) => value[field] === undefined);
  for (const field of missing) {
    findings.error("module-policy", pointer, `no ${field}`, `add ${field}: ${CLOSED_SETS[field].join(", ")}`);
  }
  const order = value.startupOrder;
  const isOrder = typeof order === "number" && Number.isInteger(order) && order >= 0 && order <= MAX_STARTUP_ORDER;
  if (order !== undefined && !isOrder) {
    findings.error(
      "startup-order",
      pointerTo(pointer, "startupOrder"),
      `a start order of ${show(order)}`,
      `use a whole number from 0 to ${MAX_STARTUP_ORDER}`,
    );
  }
  for (const field of Object.keys(value).filter((name) => !KNOWN.includes(name))) {
    findings.error(
      "module-form",
      pointerTo(pointer, field),
      `a property ${field} that the runtime does not know`,
      `remove it; a module has ${KNOWN.join(", ")}`,
    );
  }
}

function checkEnv(env: unknown, pointer: string, findings: Findings): void {
  if (env === undefined) {
    return;
  }
  if (!isObject(env)) {
    findings.error("variable-form", pointer, `variables that are ${show(env)}`, 'write { "NAME": { "value": "…" } }');
    return;
  }
  for (const [name, variable] of Object.entries(env)) {
    if (!/^[^+#$\s.]+$/.test(name)) {
      findings.error(
        "variable-name",
        pointerTo(pointer, name),
        `a variable called ${show(name)}`,
        "use a name without +, #, $, dots and spaces",
      );
    }
    const value = isObject(variable) ? variable.value : undefined;
    if (!["string", "number", "boolean"].includes(typeof value)) {
      findings.error(
        "variable-form",
        pointerTo(pointer, name),
        `a variable that is ${show(variable)}`,
        'write { "value": … } with text, a number or a truth value',
      );
    }
  }
}

function checkImage(image: unknown, pointer: string, isTemplate: boolean, findings: Findings): void {
  if (typeof image !== "string" || image.trim() === "") {
    findings.error("image", pointer, `an image of ${show(image)}`, "name an image with registry and tag");
    return;
  }
  if (isTemplate && image.includes("${")) {
    // The tools put an image and its tag there when they build.
    return;
  }
  const { tag, digest } = splitImage(image);
  if (digest === undefined && (tag === undefined || tag === "latest")) {
    findings.error(
      "image-tag",
      pointer,
      `the image ${image} is not pinned: ${tag === undefined ? "it has no tag" : "latest is whatever was pushed last"}`,
      "name a version or a digest, so that devices run what was tested and a change is seen",
    );
  } else if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    findings.error("image-tag", pointer, `the digest ${digest}`, "write @sha256: and 64 hexadecimal digits");
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

/** `createOptions`, `createOptions01`, … as the runtime joins them. */
function checkCreateOptions(
  settings: Readonly<Record<string, unknown>>,
  pointer: string,
  isTemplate: boolean,
  findings: Findings,
): void {
  const pieces = new Map(Object.entries(settings).filter(([key]) => /^createOptions\d*$/i.test(key)));
  const first = settings.createOptions;
  if (first === undefined) {
    checkPieceOrder([...pieces.keys()], pointer, findings);
    return;
  }
  if (isObject(first) && isTemplate && pieces.size === 1) {
    // The tools turn it into text.
    return;
  }
  const broken = [...pieces].filter(([, piece]) => typeof piece !== "string");
  for (const [key, piece] of broken) {
    findings.error(
      "create-options-form",
      pointerTo(pointer, key),
      `createOptions that are ${piece === null ? "null" : isObject(piece) ? "an object" : `a ${typeof piece}`}`,
      "write them as text: JSON in a string, in pieces of at most 512 characters",
    );
  }
  if (broken.length > 0 || !checkPieceOrder([...pieces.keys()], pointer, findings)) {
    return;
  }
  const text = [...pieces.entries()]
    .sort(byPiece)
    .map(([, piece]) => String(piece))
    .join("");
  if (text !== "" && !isJsonObject(text)) {
    findings.error(
      "create-options-json",
      pointerTo(pointer, "createOptions"),
      "createOptions whose text is no JSON object",
      "write the body of Docker's request to create a container, for example {}",
    );
  }
}

const byPiece = ([a]: [string, unknown], [b]: [string, unknown]): number => indexOf(a) - indexOf(b);
const indexOf = (key: string): number => Number(/\d*$/.exec(key)?.[0] ?? 0);

/** Whether pieces are numbered 01, 02, … without a gap: the runtime stops at the first that is missing. */
function checkPieceOrder(keys: readonly string[], pointer: string, findings: Findings): boolean {
  const numbered = keys.filter((key) => /\d$/.test(key)).sort((a, b) => indexOf(a) - indexOf(b));
  const gap = numbered.find((key, index) => key !== `createOptions${String(index + 1).padStart(2, "0")}`);
  const missing = gap ?? (numbered.length > 0 && !keys.includes("createOptions") ? "createOptions" : undefined);
  if (missing !== undefined || numbered.length >= CREATE_OPTIONS_PIECES) {
    findings.error(
      "create-options-pieces",
      pointer,
      `createOptions in pieces ${keys.join(", ")}`,
      `number them createOptions, createOptions01, createOptions02 and so on without a gap, at most ${CREATE_OPTIONS_PIECES} of ${CREATE_OPTIONS_PIECE} characters`,
    );
    return false;
  }
  return true;
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
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

/** An image's repository with its registry, in lower case, without tag and digest. */
export function repositoryOf(image: unknown): string {
  return typeof image === "string" ? splitImage(image).repository.toLowerCase() : "";
}

interface ImageParts {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** An image taken apart; what it does not name is left out. */
export function splitImage(image: string): ImageParts {
  const [name = "", digest] = image.split("@", 2);
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  return {
    repository: colon < 0 ? name : name.slice(0, colon),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}
