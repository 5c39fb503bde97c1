/**
 * Topics of MQTT as the edge hub and its clients use them (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub, and
 * what azure-iot-device-mqtt sends).
 */

/** Who is on the other side of a connection. */
export interface Identity {
  readonly deviceId: string;
  /** @default - a device without modules */
  readonly module?: string;
}

export interface Properties {
  /** Application properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** System properties by the names that routes use. */
  readonly systemProperties: Readonly<Record<string, string>>;
}

/** A message that a client sends. */
export interface SentMessage extends Properties {
  /** @default - none: a device's message */
  readonly output?: string;
}

/** System properties by their names on the wire. */
const SYSTEM_PROPERTIES: Readonly<Record<string, string>> = {
  "$.mid": "messageId",
  "$.cid": "correlationId",
  "$.uid": "userId",
  "$.ct": "contentType",
  "$.ce": "contentEncoding",
  "$.ctime": "creationTimeUtc",
  "$.cdid": "connectionDeviceId",
  "$.cmid": "connectionModuleId",
};
const WIRE_NAMES = Object.fromEntries(Object.entries(SYSTEM_PROPERTIES).map(([wire, name]) => [name, wire]));

/** Topic that a client sends messages to, before their properties. */
export function eventTopic({ deviceId, module }: Identity): string {
  return module === undefined
    ? `devices/${deviceId}/messages/events/`
    : `devices/${deviceId}/modules/${module}/messages/events/`;
}

/** Filter that a module subscribes to for its inputs. */
export const inputFilter = ({ deviceId, module = "" }: Identity): string =>
  `devices/${deviceId}/modules/${module}/inputs/`;

/** What a topic says of a message; undefined where it is no topic for messages of this client. */
export function readEventTopic(topic: string, identity: Identity): SentMessage | undefined {
  const prefix = eventTopic(identity);
  if (!topic.startsWith(prefix) && `${topic}/` !== prefix) {
    return undefined;
  }
  const all = readProperties(topic.slice(prefix.length));
  const { "$.on": output, ...properties } = all.properties;
  return { properties, systemProperties: all.systemProperties, ...(output !== undefined && { output }) };
}

export function readProperties(text: string): Properties {
  const properties: Record<string, string> = {};
  const systemProperties: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text.replace(/\/$/, ""))) {
    const known = SYSTEM_PROPERTIES[name];
    if (known === undefined) {
      properties[name] = value;
    } else {
      systemProperties[known] = value;
    }
  }
  return { properties, systemProperties };
}

/** Properties as they stand in a topic. */
export function writeProperties({ properties, systemProperties }: Properties): string {
  const pairs = [
    ...Object.entries(systemProperties).map(([name, value]) => [WIRE_NAMES[name] ?? name, value] as const),
    ...Object.entries(properties),
  ];
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
}

/** Request id of a twin's or method's topic. */
export const requestIdOf = (topic: string): string => /[?&]\$rid=([^&]*)/.exec(topic)?.[1] ?? "";

export const TWIN_GET = "$iothub/twin/GET/";
export const TWIN_REPORT = "$iothub/twin/PATCH/properties/reported/";
export const METHOD_RESULT = "$iothub/methods/res/";

export const twinResult = (status: number, requestId: string, version?: number): string =>
  `$iothub/twin/res/${status}/?$rid=${requestId}${version === undefined ? "" : `&$version=${version}`}`;
export const twinPatch = (version: number): string => `$iothub/twin/PATCH/properties/desired/?$version=${version}`;
export const methodCall = (name: string, requestId: string): string =>
  `$iothub/methods/POST/${name}/?$rid=${requestId}`;
