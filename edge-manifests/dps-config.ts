/** How a device proves to a Device Provisioning Service that it belongs there. */
export type DpsAttestation =
  /** A certificate and its key in files that somebody puts on the host. */
  | { readonly kind: "certificateFiles" }
  /** A certificate that the host gets, and renews, from an EST server, which it first signs in to with a bootstrap certificate. */
  | { readonly kind: "est"; readonly url: string }
  /** A key of its own, derived from its group's. */
  | { readonly kind: "symmetricKey" }
  /** The endorsement key of its TPM. */
  | { readonly kind: "tpm" };

/** A device that registers on its own. */
export interface DpsDevice {
  /** Host of the endpoint at which it registers. */
  readonly endpoint: string;
  /** ID scope of the service. */
  readonly idScope: string;
  /** Registration id, which becomes the device id; common name of its certificate. */
  readonly registrationId: string;
  readonly attestation: DpsAttestation;
}

/** Where the host's own files are expected; the identity service's users must be able to read them. */
const FILES = {
  certificate: "/var/aziot/certs/identity.pem",
  privateKey: "/var/aziot/secrets/identity.key.pem",
  symmetricKey: "/var/aziot/secrets/symmetric-key",
  bootstrapCertificate: "/var/aziot/certs/est-bootstrap.pem",
  bootstrapKey: "/var/aziot/secrets/est-bootstrap.key.pem",
  estAuthority: "/var/aziot/certs/est-ca.pem",
} as const;

const uri = (file: keyof typeof FILES): string => `"file://${FILES[file]}"`;

/** The sections of `config.toml` by which a device registers (learn.microsoft.com/azure/iot-edge/configure-device). */
export function dpsProvisioning({ endpoint, idScope, registrationId, attestation }: DpsDevice): string[] {
  return [
    "[provisioning]",
    'source = "dps"',
    `global_endpoint = "https://${endpoint}"`,
    `id_scope = "${idScope}"`,
    "",
    "[provisioning.attestation]",
    ...attestationLines(registrationId, attestation),
  ];
}

function attestationLines(registrationId: string, attestation: DpsAttestation): string[] {
  const id = `registration_id = "${registrationId}"`;
  switch (attestation.kind) {
    case "certificateFiles":
      return ['method = "x509"', id, `identity_cert = ${uri("certificate")}`, `identity_pk = ${uri("privateKey")}`];
    case "est":
      return [
        'method = "x509"',
        id,
        "",
        "[provisioning.attestation.identity_cert]",
        'method = "est"',
        `common_name = "${registrationId}"`,
        "",
        // Only for enrollment groups: an individual enrollment knows one certificate.
        "[provisioning.attestation.identity_cert.auto_renew]",
        "rotate_key = true",
        'threshold = "80%"',
        'retry = "4%"',
        "",
        "[cert_issuance.est]",
        `trusted_certs = [${uri("estAuthority")}]`,
        "",
        "[cert_issuance.est.auth]",
        `bootstrap_identity_cert = ${uri("bootstrapCertificate")}`,
        `bootstrap_identity_pk = ${uri("bootstrapKey")}`,
        "",
        "[cert_issuance.est.urls]",
        `default = "${attestation.url}"`,
      ];
    case "symmetricKey":
      return ['method = "symmetric_key"', id, `symmetric_key = { uri = ${uri("symmetricKey")} }`];
    case "tpm":
      return ['method = "tpm"', id];
  }
}

/** Derives a device's key from its group's, read from standard input: base64 of HMAC-SHA256 (learn.microsoft.com/azure/iot-dps/concepts-symmetric-key-attestation). */
const DERIVE =
  'import base64,hashlib,hmac,sys; k=base64.b64decode(sys.stdin.readline()); print(base64.b64encode(hmac.new(k,sys.argv[1].encode(),hashlib.sha256).digest()).decode(),end="")';

const certificateUser = "aziotcs";
const keyUser = "aziotks";
const folders = [
  `sudo install -d -o ${certificateUser} -g ${certificateUser} -m 0755 /var/aziot/certs`,
  `sudo install -d -o ${keyUser} -g ${keyUser} -m 0700 /var/aziot/secrets`,
];
const put = (file: keyof typeof FILES): string => {
  const isSecret = FILES[file].startsWith("/var/aziot/secrets/");
  const user = isSecret ? keyUser : certificateUser;
  const name = FILES[file].split("/").at(-1) ?? "";
  return `sudo install -o ${user} -g ${user} -m ${isSecret ? "0600" : "0644"} ${name} ${FILES[file]}`;
};

/** Commands that bring what a device signs in with to the host; run again they do the same. */
export function credentialCommands({ registrationId, attestation }: DpsDevice): string[] {
  switch (attestation.kind) {
    case "certificateFiles":
      return [
        `# identity.pem: the device's certificate with the common name ${registrationId}, then those of the authorities between`,
        "# it and the group's. identity.key.pem: its key.",
        ...folders,
        put("certificate"),
        put("privateKey"),
      ];
    case "est":
      return [
        "# est-bootstrap.pem and est-bootstrap.key.pem: what the EST server knows the host by before it has a certificate of its",
        "# own. est-ca.pem: the authority of the EST server's own certificate.",
        ...folders,
        put("bootstrapCertificate"),
        put("bootstrapKey"),
        put("estAuthority"),
      ];
    case "symmetricKey":
      return [
        "# Type the group's key, or pipe it in: it is stored nowhere, only the key of this device that is derived from it.",
        ...folders,
        `(stty -echo 2>/dev/null; python3 -c '${DERIVE}' '${registrationId}'; stty echo 2>/dev/null) \\`,
        `  | sudo install -o ${keyUser} -g ${keyUser} -m 0600 /dev/stdin ${FILES.symmetricKey}`,
      ];
    case "tpm":
      return [
        "# The enrollment needs the TPM's endorsement key, which the last line prints; where it has none, it is created, and the",
        "# storage root key that the identity service uses.",
        "sudo apt-get install -y tpm2-tools",
        "sudo tpm2_readpublic -Q -c 0x81010001 -o endorsement.pub 2>/dev/null || sudo sh -c 'tpm2_createek -Q -c 0x81010001 -G rsa -u endorsement.pub && tpm2_createprimary -Q -C o -c root.ctx && tpm2_evictcontrol -Q -c root.ctx 0x81000001 && tpm2_flushcontext -t'",
        "base64 -w0 endorsement.pub",
      ];
  }
}
