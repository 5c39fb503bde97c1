import { assertValid, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import { DEFAULT_RUNTIME } from "../../edge-manifests/base-layer";
import type { DeviceIdentity } from "../../edge-manifests/device-config";
import type { DpsAttestation } from "../../edge-manifests/dps-config";
import { DEFAULT_STORAGE_FOLDER } from "../../edge-manifests/host-storage";
import type { EnvironmentConfig, OrganizationConfig } from "../../environments/environment-config";
import type { EnrollmentGroupConfig } from "../../environments/provisioning-config";
import { serviceHost } from "./enrollments/service-host";

/** The endpoint of all services in Azure's public cloud. */
const GLOBAL_ENDPOINT = "global.azure-devices-provisioning.net";
/** Longest common name of a certificate (RFC 5280, ub-common-name). */
const MAX_COMMON_NAME = 64;

/** A host that is to become a device by registering. */
export interface RegistrationRequest {
  /** Enrollment group that it belongs to; undefined where it has an enrollment of its own, by its TPM. */
  readonly group?: string | undefined;
  readonly registrationId: string;
  readonly idScope?: string | undefined;
  /** Address of an EST server. @default - certificate and key are put on the host */
  readonly est?: string | undefined;
  /** Register by the host's TPM. */
  readonly tpm: boolean;
}

/**
 * The device that a host becomes.
 *
 * @throws ValidationError with everything that is wrong with the request
 */
export function registeringDevice(
  organization: OrganizationConfig,
  environment: EnvironmentConfig,
  request: RegistrationRequest,
): DeviceIdentity {
  const { provisioning } = environment;
  const group = request.group === undefined ? undefined : provisioning?.enrollmentGroups[request.group];
  assertValid(`registration in ${environment.name}`, registrationProblems(environment, group, request));
  const isPrivate = environment.network !== undefined && environment.network.kind !== "internet";
  return {
    id: request.registrationId,
    hubHostname: "",
    storageFolder: environment.edge?.storageFolder ?? DEFAULT_STORAGE_FOLDER,
    runtime: DEFAULT_RUNTIME,
    signIn: {
      kind: "dps",
      // The global endpoint leads to no private endpoint.
      endpoint:
        isPrivate && provisioning !== undefined
          ? serviceHost(organization, environment, provisioning)
          : GLOBAL_ENDPOINT,
      idScope: request.idScope ?? "",
      registrationId: request.registrationId,
      attestation: attestationOf(group, request),
    },
  };
}

function attestationOf(group: EnrollmentGroupConfig | undefined, { est, tpm }: RegistrationRequest): DpsAttestation {
  if (tpm) {
    return { kind: "tpm" };
  }
  if (group?.attestation.kind === "symmetricKey") {
    return { kind: "symmetricKey" };
  }
  return est === undefined ? { kind: "certificateFiles" } : { kind: "est", url: est };
}

function registrationProblems(
  { name, provisioning }: EnvironmentConfig,
  group: EnrollmentGroupConfig | undefined,
  { group: groupId, registrationId, idScope, est, tpm }: RegistrationRequest,
): Problem[] {
  const groups = Object.keys(provisioning?.enrollmentGroups ?? {});
  const hasCertificate = !tpm && group?.attestation.kind === "certificateAuthority";
  return collect(
    problemIf(
      provisioning === undefined,
      "provisioning",
      undefined,
      `an environment whose devices register, which ${name} is not`,
      "add provisioning to its configuration, or use npm run -s device -- config for a device in edge.devices",
    ),
    problemIf(
      !tpm && group === undefined,
      "GROUP",
      groupId,
      groups.join(", ") || "an enrollment group of the environment, of which there is none",
      "name the enrollment group that the host belongs to, or register by its TPM with --tpm",
    ),
    problemIf(
      tpm && groupId !== undefined,
      "--tpm",
      groupId,
      "no group: a TPM has an enrollment of its own",
      "leave the group out, or --tpm",
    ),
    problemIf(
      group?.enabled === false,
      "GROUP",
      groupId,
      "a group that is enabled: devices of this one may not register",
      `set provisioning.enrollmentGroups.${groupId ?? ""}.enabled to true and apply`,
    ),
    hasForm(
      "REGISTRATION_ID",
      registrationId,
      /^[a-z0-9]([a-z0-9._:-]{0,126}[a-z0-9])?$/,
      "1 to 128 lower-case letters, digits, dots, hyphens, underscores and colons, starting and ending with a letter or digit",
      "name the host as its device is to be called",
    ),
    problemIf(
      hasCertificate && registrationId.length > MAX_COMMON_NAME,
      "REGISTRATION_ID",
      registrationId,
      `at most ${MAX_COMMON_NAME} characters: it is the common name of the certificate`,
      "shorten it",
    ),
    problemIf(
      idScope === undefined || !/^0[a-z]{2}[0-9a-f]{8}$/i.test(idScope),
      "--id-scope",
      idScope,
      "the ID scope of the service, such as 0ne00A1B2C3",
      "take it from `terraform output provisioning_id_scope`, or from the service's overview in the portal",
    ),
    hasForm("--est", est, /^https:\/\/[^\s"'\\]+$/, "an https address", "write the EST server's address"),
    problemIf(
      est !== undefined && !hasCertificate,
      "--est",
      est,
      "only for groups with a certificate authority: an EST server signs certificates, and other enrollments know one key",
      "leave it out",
    ),
  );
}
