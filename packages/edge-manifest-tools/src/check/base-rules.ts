import { isObject } from "@edge-anomaly-detection/common";
import { type Findings, pointerTo, show } from "./finding";
import { hasPlaceholder } from "./placeholder";

/** What a deployment sets of a module's twin. */
export const DESIRED = "properties.desired";
const SYSTEM_MODULES = ["edgeAgent", "edgeHub"] as const;
/** The schema that agent and hub both take, with start order and routes with priority. */
const WANTED_SCHEMA = "1.1";

/** What is known of each schema; keys of the properties, by the version that brought them. */
const SYSTEM_TWINS = {
  $edgeAgent: {
    missing: "agent-missing",
    newestMinor: 1,
    properties: { schemaVersion: 0, runtime: 0, systemModules: 0, modules: 0, integrity: 0 },
  },
  $edgeHub: {
    missing: "hub-missing",
    newestMinor: 3,
    properties: { schemaVersion: 0, routes: 0, storeAndForwardConfiguration: 0, mqttBroker: 2, integrity: 3 },
  },
} as const;
type SystemTwin = keyof typeof SYSTEM_TWINS;
type Desired = Readonly<Record<string, unknown>>;

/** Properties of the runtime's own two modules; a layer needs neither, and may bring the hub's. */
export function checkAgentAndHub(
  content: Readonly<Record<string, unknown>>,
  pointer: string,
  isLayered: boolean,
  findings: Findings,
): void {
  for (const id of ["$edgeAgent", "$edgeHub"] as const) {
    const desired = child(content[id], DESIRED);
    const place = pointerTo(pointer, id);
    if (isObject(desired) && (!isLayered || (id === "$edgeHub" && desired.schemaVersion !== undefined))) {
      checkSystemTwin(id, desired, pointerTo(place, DESIRED), findings);
    } else if (!isLayered) {
      findings.error(
        SYSTEM_TWINS[id].missing,
        place,
        `there are no desired properties of ${id}`,
        `a deployment that stands alone has ${id} with ${DESIRED}; one that adds to a base has ${DESIRED}.modules.NAME`,
      );
    }
  }
}

function checkSystemTwin(id: SystemTwin, desired: Desired, pointer: string, findings: Findings): void {
  checkSchemaVersion(id, desired.schemaVersion, pointerTo(pointer, "schemaVersion"), findings);
  const since: Readonly<Record<string, number>> = SYSTEM_TWINS[id].properties;
  const minor = minorOf(desired.schemaVersion) ?? SYSTEM_TWINS[id].newestMinor;
  for (const name of Object.keys(desired)) {
    const needed = Object.hasOwn(since, name) ? since[name] : undefined;
    if (needed === undefined) {
      findings.unread(
        "unknown-property",
        pointerTo(pointer, name),
        name,
        `a property ${show(name)} that ${id} does not know`,
        `remove it; there are ${Object.keys(since).join(", ")}`,
      );
    } else if (needed > minor) {
      findings.warning(
        "unknown-property",
        pointerTo(pointer, name),
        `${name}, which ${id} ignores below schema version 1.${needed}`,
        `write schemaVersion "1.${needed}", or remove ${name}`,
      );
    }
  }
  if (id === "$edgeAgent") {
    checkAgent(desired, pointer, findings);
  } else {
    checkHub(desired, pointer, findings);
  }
}

/** Minor number of a schema version 1.x. @default - it is no such version */
export function minorOf(version: unknown): number | undefined {
  const text = typeof version === "string" || typeof version === "number" ? String(version) : "";
  const match = /^1\.(\d+)(\.\d+){0,2}$/.exec(text);
  return match === null ? undefined : Number(match[1]);
}

function checkSchemaVersion(id: SystemTwin, version: unknown, pointer: string, findings: Findings): void {
  if (version === WANTED_SCHEMA || hasPlaceholder(version)) {
    return;
  }
  const minor = minorOf(version);
  const problem = `schema version ${show(version)}`;
  const remedy = `write "${WANTED_SCHEMA}"`;
  if (minor !== undefined && minor <= SYSTEM_TWINS[id].newestMinor) {
    findings.warning("schema-version", pointer, problem, `${remedy}, which has start order and routes with priority`);
  } else {
    findings.error(
      "schema-version",
      pointer,
      problem,
      `${remedy}; devices refuse any that their runtime does not know`,
    );
  }
}

function checkAgent(desired: Desired, pointer: string, findings: Findings): void {
  checkRuntime(desired.runtime, pointerTo(pointer, "runtime"), findings);
  for (const name of SYSTEM_MODULES.filter((id) => child(desired.systemModules, id) === undefined)) {
    findings.error(
      "system-module",
      pointerTo(pointer, "systemModules"),
      `there is no system module ${name}`,
      "add both edgeAgent and edgeHub with their images",
    );
  }
  if (!isObject(desired.modules)) {
    findings.error(
      "modules-form",
      pointerTo(pointer, "modules"),
      "there are no modules",
      "write {} where there are none",
    );
  }
}

function checkRuntime(runtime: unknown, pointer: string, findings: Findings): void {
  const settings = child(runtime, "settings");
  const type = child(runtime, "type");
  if ((type !== "docker" && !hasPlaceholder(type)) || !isObject(settings)) {
    findings.error(
      "runtime",
      pointer,
      `a runtime that is ${show(runtime)}`,
      'write { "type": "docker", "settings": { "minDockerVersion": "v1.25" } }',
    );
    return;
  }
  if (settings.minDockerVersion === undefined) {
    findings.warning(
      "runtime",
      pointerTo(pointer, "settings"),
      "runtime settings without minDockerVersion, which releases of the agent insist on",
      'add "minDockerVersion": "v1.25"',
    );
  }
  const credentials = settings.registryCredentials;
  const place = pointerTo(pointer, "settings", "registryCredentials");
  if (credentials !== undefined && !isObject(credentials) && !hasPlaceholder(credentials)) {
    findings.error(
      "registry-credentials",
      place,
      `registry credentials that are ${Array.isArray(credentials) ? "a list" : `a ${typeof credentials}`}`,
      'write { "NAME": { "address": "…", "username": "…", "password": "…" } }',
    );
  }
  for (const [name, credential] of Object.entries(isObject(credentials) ? credentials : {})) {
    checkRegistryCredential(name, credential, pointerTo(place, name), findings);
  }
}

/** How a device signs in to one registry; the values are never shown. */
export function checkRegistryCredential(name: string, credential: unknown, pointer: string, findings: Findings): void {
  if (hasPlaceholder(credential)) {
    return;
  }
  const lacking = ["address", "username", "password"].filter((field) => {
    const value = child(credential, field);
    return typeof value !== "string" || value.trim() === "";
  });
  if (lacking.length > 0) {
    findings.error(
      "registry-credentials",
      pointer,
      `the registry credentials ${show(name)} have no ${lacking.join(" and no ")}`,
      "write all of address, username and password, or leave the credentials out where the registry needs none",
    );
  }
  const address = child(credential, "address");
  if (typeof address === "string" && !hasPlaceholder(address) && /^[a-z]+:\/\/|\s/i.test(address.trim())) {
    findings.warning(
      "registry-credentials",
      pointer,
      `the registry credentials ${show(name)} have an address with a scheme or blanks: images do not match it`,
      "write the registry as images name it, for example registry.azurecr.io",
    );
  }
}

function checkHub(desired: Desired, pointer: string, findings: Findings): void {
  if (!isObject(desired.routes) && !hasPlaceholder(desired.routes)) {
    findings.error("routes-form", pointerTo(pointer, "routes"), "there are no routes", "write {} where there are none");
  }
  const seconds = child(desired.storeAndForwardConfiguration, "timeToLiveSecs");
  const place = pointerTo(pointer, "storeAndForwardConfiguration");
  const remedy = "write timeToLiveSecs with a whole number of seconds, for example 7200";
  if (hasPlaceholder(seconds) || hasPlaceholder(desired.storeAndForwardConfiguration)) {
    return;
  }
  if (typeof seconds === "string" && /^-?\d{1,9}$/.test(seconds)) {
    findings.warning(
      "time-to-live",
      place,
      `a time-to-live of ${show(seconds)}, text, which devices take and Azure's schema refuses`,
      remedy,
    );
  } else if (typeof seconds !== "number" || !Number.isInteger(seconds) || Math.abs(seconds) > 2_147_483_647) {
    findings.error(
      "time-to-live",
      place,
      `messages are kept for ${show(seconds)}`,
      `${remedy}: without it nothing is kept`,
    );
  } else if (seconds < 0) {
    findings.warning(
      "time-to-live",
      place,
      `a time-to-live of ${seconds}: undelivered messages are kept until the disk is full`,
      remedy,
    );
  }
}

const child = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
