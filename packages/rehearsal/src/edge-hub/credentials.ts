import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { generate } from "selfsigned";
import type { Identity } from "./topics";

/** Host name of the hub that clients believe they sign in to; `.invalid` leads nowhere (RFC 2606). */
export const HUB_HOST = "hub.invalid";

/** What a rehearsal's clients trust and sign in with; made anew for each rehearsal and never kept. */
export interface Credentials {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Base64, the same for all modules of the device. */
  readonly accessKey: string;
}

/** A certificate of its own authority for `localhost`, and an access key, both for one rehearsal. */
export function makeCredentials(): Credentials {
  const pems = generate([{ name: "commonName", value: "localhost" }], {
    days: 8,
    keySize: 2048,
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  return { certificate: pems.cert, privateKey: pems.private, accessKey: randomBytes(32).toString("base64") };
}

/** What IOTEDGE tooling calls EdgeHubConnectionString. */
export function connectionString({ deviceId, module }: Identity, port: number, accessKey: string): string {
  const parts = {
    HostName: HUB_HOST,
    GatewayHostName: `localhost:${port}`,
    DeviceId: deviceId,
    ...(module !== undefined && { ModuleId: module }),
    SharedAccessKey: accessKey,
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
}

/** User name of MQTT (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub). */
export const userName = (identity: Identity): string => `${HUB_HOST}/${pathOf(identity, "/")}/?api-version=2021-04-12`;

/** A shared access signature, valid for a day. */
export function accessToken(identity: Identity, accessKey: string): string {
  const resource = encodeURIComponent(`${HUB_HOST}/devices/${pathOf(identity, "/modules/")}`);
  const expiry = Math.floor(Date.now() / 1000) + 86_400;
  const signature = encodeURIComponent(sign(resource, expiry, accessKey));
  return `SharedAccessSignature sr=${resource}&sig=${signature}&se=${expiry}`;
}

const pathOf = ({ deviceId, module }: Identity, separator: string): string =>
  module === undefined ? deviceId : `${deviceId}${separator}${module}`;

function sign(resource: string, expiry: number | string, accessKey: string): string {
  return createHmac("sha256", Buffer.from(accessKey, "base64")).update(`${resource}\n${expiry}`).digest("base64");
}

/** Who signs in by a user name; undefined where it is not of that form. */
export function identityOf(user: string | undefined): Identity | undefined {
  const [host, deviceId, module, more] = (user ?? "").split("/");
  if (host !== HUB_HOST || deviceId === undefined || deviceId === "" || module === undefined) return undefined;
  return module === "" || more === undefined ? { deviceId } : { deviceId, module };
}

/** Whether a password is a signature by the rehearsal's key that is still valid; others on this machine have none. */
export function isAccessToken(password: string, accessKey: string, now = Date.now()): boolean {
  const fields = new Map(
    password
      .replace(/^SharedAccessSignature /, "")
      .split("&")
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
  );
  const [resource = "", signature = "", expiry = ""] = ["sr", "sig", "se"].map((name) => fields.get(name));
  const expected = Buffer.from(sign(resource, expiry, accessKey));
  const given = Buffer.from(decode(signature));
  return given.length === expected.length && timingSafeEqual(given, expected) && Number(expiry) * 1000 > now;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
