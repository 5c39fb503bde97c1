/** Devices with a certificate that a certificate authority of the company, or an intermediate one, has signed. */
export interface CertificateAuthorityAttestation {
  /** Says which of the two it is. */
  readonly kind: "certificateAuthority";
  /** File with the authority's certificate as PEM, relative to the repository. No key: authorities keep theirs. */
  readonly certificate: string;
  /** File with its successor's certificate: devices of both are accepted while certificates are renewed. @default - none */
  readonly nextCertificate?: string;
}

/** Devices with keys that are derived from the group's. The service creates the group's keys; they are read by nobody here. */
export interface SymmetricKeyAttestation {
  /** Says which of the two it is. */
  readonly kind: "symmetricKey";
}

/** Devices that register on their own, and what they become. */
export interface EnrollmentGroupConfig {
  /** How a device proves that it belongs to the group. Another kind needs another group. */
  readonly attestation: CertificateAuthorityAttestation | SymmetricKeyAttestation;
  /** Tags of the twin that a device starts with, such as `site`, `line` and `ring`; `environment` is always there. A change reaches devices that register again with `reset`, and new ones. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Names of the hubs that its devices are divided over: `first` and active ones of `hub.stamps`, at least one. @default - all active hubs */
  readonly hubs?: readonly string[];
  /** Whether devices may register. @default true */
  readonly enabled?: boolean;
  /** What becomes of a device's twin when it registers again and gets another hub: `keep` it, `reset` it to the initial one, or `never` give it another hub. @default "keep" */
  readonly reprovision?: "keep" | "reset" | "never";
}

/** Registration by an Azure Device Provisioning Service that is linked to the environment's hub by identity. */
export interface ProvisioningConfig {
  /** Says what registers devices. */
  readonly kind: "dps";
  /** Name of a service that exists and that somebody else has linked to the hub: 3 to 64 lower-case letters, digits and hyphens. @default - the environment creates one, without keys */
  readonly service?: string;
  /** Enrollment groups by id: 1 to 128 lower-case letters, digits, dots, hyphens, underscores and colons. */
  readonly enrollmentGroups: Readonly<Record<string, EnrollmentGroupConfig>>;
}
