import { DPS_LIMITS } from "@edge-anomaly-detection/azure-facts";
import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm, oneOf } from "@edge-anomaly-detection/common/rules";
import { MAX_ADDRESSES, type NetworkSettings } from "../../constructs/network/network-settings";
import type { EnrollmentGroupConfig, ProvisioningConfig } from "../provisioning-config";
import { AUTHORITY_REMEDY, authorityFiles, readAuthority } from "./authority-certificates";

const PEM_FILE = /^(?![/\\])(?!.*\.\.)[\w./-]{1,200}\.(pem|crt|cer)$/;

/** What of an environment matters for how its devices register. */
export interface ProvisioningSurroundings {
  /** Edge devices that it is to carry. */
  readonly fleetDevices: number;
  /** How its services are reached. @default - over the internet, by everybody */
  readonly network?: NetworkSettings | undefined;
}

/** What is wrong with how devices register; limits are named with their numbers and sources. */
export function provisioningProblems(
  provisioning: ProvisioningConfig,
  { fleetDevices, network }: ProvisioningSurroundings,
): Problem[] {
  const groups = Object.entries(provisioning.enrollmentGroups);
  const count = (kind: EnrollmentGroupConfig["attestation"]["kind"]): number =>
    groups.filter(([, group]) => group.attestation.kind === kind).length;
  return collect(
    oneOf("kind", provisioning.kind, ["dps"], "write dps, or leave provisioning out"),
    hasForm(
      "service",
      provisioning.service,
      /^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/,
      "3 to 64 lower-case letters, digits and hyphens",
      "name the service as `az iot dps list --query [].name` prints it",
    ),
    ...(
      [
        ["certificateAuthority", DPS_LIMITS.certificateGroups],
        ["symmetricKey", DPS_LIMITS.symmetricGroups],
      ] as const
    ).map(([kind, limit]) =>
      problemIf(
        count(kind) > limit.value,
        "enrollmentGroups",
        `${count(kind)} groups of the kind ${kind}`,
        `at most ${limit.value}: "${limit.quote}" (${limit.source.url})`,
        "join groups: tags of a device may also be changed in its twin",
      ),
    ),
    problemIf(
      fleetDevices > DPS_LIMITS.registrations.value,
      "service",
      `${fleetDevices.toLocaleString("en")} devices`,
      `at most ${DPS_LIMITS.registrations.value.toLocaleString("en")} on one service: "${DPS_LIMITS.registrations.quote}" (${DPS_LIMITS.registrations.source.url})`,
      "divide the devices over several environments with a service each",
    ),
    ...groups.flatMap(([id, group]) => groupProblems(`enrollmentGroups.${id}`, id, group)),
    ...certificateProblems(provisioning),
    ...addressProblems(provisioning, network),
  );
}

/** The dates in the certificates are needed at synth, for an alert before they end. */
function certificateProblems(provisioning: ProvisioningConfig): Problem[] {
  return authorityFiles(provisioning).flatMap(({ group, setting, file }) => {
    const certificate = PEM_FILE.test(file) ? readAuthority(file) : undefined;
    return collect(
      problemIf(
        typeof certificate === "string",
        `enrollmentGroups.${group}.attestation.${setting}`,
        `${file}: ${String(certificate)}`,
        "a file with the certificate of an authority, without its key",
        AUTHORITY_REMEDY,
      ),
    );
  });
}

/** Azure takes 100 rules (learn.microsoft.com/azure/iot-dps/iot-dps-ip-filtering), and the last one refuses everybody else. */
function addressProblems({ service }: ProvisioningConfig, network: NetworkSettings | undefined): Problem[] {
  const addresses =
    network?.kind === "internet" ? [...(network.factoryAddresses ?? []), ...network.runnerAddresses].length : 0;
  return collect(
    problemIf(
      service === undefined && addresses > MAX_ADDRESSES - 1,
      "service",
      `${addresses} ranges in network`,
      `at most ${MAX_ADDRESSES - 1} ranges for a service that the environment creates`,
      "write neighbouring addresses as one range",
    ),
  );
}

function groupProblems(path: string, id: string, { attestation, tags, reprovision }: EnrollmentGroupConfig): Problem[] {
  return collect(
    hasForm(
      path,
      id,
      /^[a-z0-9]([a-z0-9._:-]{0,126}[a-z0-9])?$/,
      "an id of 1 to 128 lower-case letters, digits, dots, hyphens, underscores and colons, starting and ending with a letter or digit",
      "rename the group",
    ),
    oneOf(
      `${path}.attestation.kind`,
      attestation.kind,
      ["certificateAuthority", "symmetricKey"],
      "choose one of the two",
    ),
    oneOf(`${path}.reprovision`, reprovision, ["keep", "reset", "never"], "choose what becomes of a device's twin"),
    ...(attestation.kind === "certificateAuthority"
      ? (["certificate", "nextCertificate"] as const).map((name) =>
          hasForm(
            `${path}.attestation.${name}`,
            attestation[name],
            PEM_FILE,
            "a file of the repository that ends in .pem, .crt or .cer",
            "put the authority's certificate into the repository, without its key",
          ),
        )
      : []),
    ...Object.entries(tags ?? {}).flatMap(([tag, value]) => [
      hasForm(
        `${path}.tags.${tag}`,
        tag,
        /^(?!environment$)[A-Za-z_]\w{0,62}$/,
        "a tag of 1 to 63 letters, digits and underscores, other than environment, which is always there",
        "rename the tag",
      ),
      hasForm(
        `${path}.tags.${tag}`,
        value,
        /^[\w\-:.+%#*?!(),=@;]{1,128}$/,
        "a value of 1 to 128 letters, digits and - : . + % _ # * ? ! ( ) , = @ ;",
        "write the value as rings ask for it",
      ),
    ]),
  );
}
