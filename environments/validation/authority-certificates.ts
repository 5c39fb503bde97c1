import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { reasonOf } from "@edge-anomaly-detection/common";
import type { EnrollmentGroupConfig, ProvisioningConfig } from "../provisioning-config";

/** A file with an authority's certificate. */
export interface AuthorityFile {
  readonly group: string;
  readonly setting: "certificate" | "nextCertificate";
  /** Relative to the repository. */
  readonly file: string;
}

/** What to do about a file that is no authority's certificate. */
export const AUTHORITY_REMEDY =
  "put the authority's certificate there as PEM, as `openssl x509 -in FILE -text` reads it";

/** The files that one group names. */
export function authorityFilesOf(group: string, { attestation }: EnrollmentGroupConfig): AuthorityFile[] {
  return attestation.kind === "certificateAuthority"
    ? (["certificate", "nextCertificate"] as const).flatMap((setting) => {
        const file = attestation[setting];
        return file === undefined ? [] : [{ group, setting, file }];
      })
    : [];
}

/** The files that all groups name. */
export function authorityFiles({ enrollmentGroups }: ProvisioningConfig): AuthorityFile[] {
  return Object.entries(enrollmentGroups).flatMap(([id, group]) => authorityFilesOf(id, group));
}

/** Reads a certificate; the reason where there is none of an authority. */
export function readAuthority(file: string): X509Certificate | string {
  try {
    const text = readFileSync(file, "utf8");
    if (text.includes("PRIVATE KEY")) {
      return "it holds a private key";
    }
    const certificate = new X509Certificate(text);
    return certificate.ca ? certificate : "it is no certificate of an authority (basicConstraints CA:TRUE)";
  } catch (error) {
    return `it is no certificate: ${reasonOf(error as Error)}`;
  }
}
