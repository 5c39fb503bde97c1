import type { X509Certificate } from "node:crypto";
import { isObject, RemoteError } from "@edge-anomaly-detection/common";
import { hubNames, stampOf } from "../../../constructs/hub/hub-stamps";
import { iotHubName } from "../../../constructs/shared/names";
import type { EnvironmentConfig, OrganizationConfig } from "../../../environments/environment-config";
import type { EnrollmentGroupConfig, ProvisioningConfig } from "../../../environments/provisioning-config";
import {
  AUTHORITY_REMEDY,
  authorityFilesOf,
  readAuthority,
} from "../../../environments/validation/authority-certificates";
import { nameParts } from "../../../environments/validation/name-parts";

/** What of an enrollment group is compared, by path; certificates by their SHA-256 fingerprints. */
export type Facts = Readonly<Record<string, string>>;

/** A group as it should be. */
export interface WantedGroup {
  readonly id: string;
  readonly facts: Facts;
  /** Body of the request that makes it so. */
  readonly body: Readonly<Record<string, unknown>>;
  /** When its authorities' certificates end. */
  readonly expires: readonly { readonly file: string; readonly on: Date }[];
}

const REPROVISION = {
  keep: { updateHubAssignment: true, migrateDeviceData: true },
  reset: { updateHubAssignment: true, migrateDeviceData: false },
  never: { updateHubAssignment: false, migrateDeviceData: false },
} as const;

/**
 * The enrollment groups that an environment's configuration wants.
 *
 * @throws RemoteError where a certificate cannot be read or is none of an authority
 */
export function wantedGroups(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  provisioning: ProvisioningConfig,
): WantedGroup[] {
  const parts = nameParts(organization, environment);
  const hostOf = (hub: string): string => `${iotHubName(parts, stampOf(hub))}.azure-devices.net`;
  const active = hubNames(environment.hub ?? {}, "active");
  return Object.entries(provisioning.enrollmentGroups).map(([id, group]) =>
    wantedGroup(id, group, environment.name, (group.hubs ?? active).map(hostOf)),
  );
}

function wantedGroup(
  id: string,
  group: EnrollmentGroupConfig,
  environment: string,
  hubs: readonly string[],
): WantedGroup {
  const files = authorityFilesOf(id, group).map(({ file }) => file);
  const [primary, secondary] = files.map(readCertificate);
  const certificate = (one: X509Certificate | undefined): object | undefined =>
    one === undefined ? undefined : { certificate: one.toString() };
  const body = {
    enrollmentGroupId: id,
    attestation:
      primary === undefined
        ? { type: "symmetricKey" }
        : {
            type: "x509",
            x509: { signingCertificates: { primary: certificate(primary), secondary: certificate(secondary) } },
          },
    capabilities: { iotEdge: true },
    provisioningStatus: (group.enabled ?? true) ? "enabled" : "disabled",
    reprovisionPolicy: REPROVISION[group.reprovision ?? "keep"],
    // Among several, by a hash of the registration id: evenly, and the same hub each time.
    allocationPolicy: hubs.length === 1 ? "static" : "hashed",
    iotHubs: [...hubs].sort(),
    initialTwin: { tags: { ...group.tags, environment }, properties: { desired: {} } },
  };
  const expires = [primary, secondary].flatMap((one, index) =>
    one === undefined ? [] : [{ file: files[index] ?? "", on: new Date(one.validTo) }],
  );
  return {
    id,
    body,
    expires,
    facts: factsOf(
      body,
      [primary, secondary].flatMap((one) => one?.fingerprint256 ?? []),
    ),
  };
}

function readCertificate(file: string): X509Certificate {
  const certificate = readAuthority(file);
  if (typeof certificate === "string") {
    throw new RemoteError(`${file}: ${certificate}`, AUTHORITY_REMEDY);
  }
  return certificate;
}

/** A group as the service answers it. */
export interface FoundGroup {
  readonly id: string;
  readonly etag: string;
  readonly facts: Facts;
  /** The environment whose it is, by the tag that every group of ours gives; undefined where somebody else made it. */
  readonly environment?: string;
}

/** Reads an answer; undefined where it is no enrollment group. */
export function foundGroup(answer: unknown): FoundGroup | undefined {
  if (!isObject(answer) || typeof answer.enrollmentGroupId !== "string" || typeof answer.etag !== "string") {
    return undefined;
  }
  const environment = at(answer, "initialTwin.tags.environment");
  const prints = ["primary", "secondary"].flatMap((name) => {
    const print = at(answer, `attestation.x509.signingCertificates.${name}.info.sha256Thumbprint`);
    return typeof print === "string" ? [print] : [];
  });
  return {
    id: answer.enrollmentGroupId,
    etag: answer.etag,
    facts: factsOf(answer, prints),
    ...(typeof environment === "string" && { environment }),
  };
}

const COMPARED = [
  "attestation.type",
  "capabilities.iotEdge",
  "provisioningStatus",
  "reprovisionPolicy.updateHubAssignment",
  "reprovisionPolicy.migrateDeviceData",
  "allocationPolicy",
  "iotHubs",
  "initialTwin.properties.desired",
];

function factsOf(group: Readonly<Record<string, unknown>>, fingerprints: readonly string[]): Facts {
  const tags = at(group, "initialTwin.tags");
  return Object.fromEntries([
    ...COMPARED.map((path): [string, string] => [path, shown(at(group, path))]),
    ["certificates", fingerprints.map((print) => print.replaceAll(":", "").toLowerCase()).join(", ")],
    ...Object.entries(isObject(tags) ? tags : {}).map(([name, value]): [string, string] => [
      `initialTwin.tags.${name}`,
      shown(value),
    ]),
  ]);
}

function shown(value: unknown): string {
  if (value === undefined || typeof value === "string") {
    return value ?? "";
  }
  return JSON.stringify(Array.isArray(value) ? value.map(String).sort() : value);
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}
