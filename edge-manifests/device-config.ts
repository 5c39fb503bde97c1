import { agentHostConfig } from "./base-layer";
import { credentialCommands, type DpsDevice, dpsProvisioning } from "./dps-config";
import { CONTAINER_DEFAULTS } from "@edge-anomaly-detection/edge-manifest-tools";
import { FIREWALL_FILES, FIREWALL_UNIT } from "./device-firewall";
import { STORAGE_IN_CONTAINER, STORAGE_VARIABLE, storageCommands, storageMegabytes } from "./host-storage";
import { runtimeImage } from "./images";

/** How a device signs in to its hub, as its own configuration says it. */
export type DeviceSignIn =
  /** With a connection string from the vault: only the name of the secret is known here. */
  | { readonly kind: "symmetricKeys"; readonly vaultUri: string; readonly secretName: string }
  /** With a certificate and its key in files on the device. */
  | { readonly kind: "certificate" }
  /** As a Device Provisioning Service says, with which it registers. */
  | ({ readonly kind: "dps" } & DpsDevice);

/** A device as its own configuration describes it. */
export interface DeviceIdentity {
  readonly id: string;
  /** Host of the hub. */
  readonly hubHostname: string;
  readonly signIn: DeviceSignIn;
  /** Tag of the runtime that the device starts with; deployments replace it. */
  readonly runtime: string;
  /** Folder of the host for what must outlive containers. */
  readonly storageFolder: string;
  /** Name or address by which devices below it reach it. @default - none does */
  readonly hostname?: string;
  /** Name or address of the device above it. @default - it reaches the hub itself */
  readonly parentHostname?: string;
}

/** The messages that a device is expected to get. */
export interface ExpectedMessages {
  /** Seconds for which the edge hub keeps what it cannot deliver. */
  readonly timeToLiveSeconds: number;
  /** How many come in. */
  readonly messagesPerSecond: number;
}

/** What stands in `config.toml` where the connection string goes; no device takes it for one. */
export const CONNECTION_STRING_PLACEHOLDER = "CONNECTION_STRING";

/** Where the device's own files are expected. */
const CERTIFICATE = "file:///etc/aziot/certs/device-id.pem";
const PRIVATE_KEY = "file:///etc/aziot/secrets/device-id.key.pem";
const TRUST_BUNDLE = "file:///etc/aziot/certs/trust-bundle.pem";

/** `/etc/aziot/config.toml` of a device, without any secret. */
export function configToml(device: DeviceIdentity): string {
  const { runtime, storageFolder, hostname, parentHostname } = device;
  return [
    ...(hostname === undefined ? [] : [`hostname = "${hostname}"`]),
    ...(parentHostname === undefined
      ? []
      : [`parent_hostname = "${parentHostname}"`, `trust_bundle_cert = "${TRUST_BUNDLE}"`]),
    ...(hostname === undefined && parentHostname === undefined ? [] : [""]),
    ...provisioningLines(device),
    "",
    "[agent]",
    'name = "edgeAgent"',
    'type = "docker"',
    "",
    "[agent.env]",
    `${STORAGE_VARIABLE} = "${STORAGE_IN_CONTAINER}"`,
    "",
    "[agent.config]",
    `image = "${runtimeImage("edgeAgent", runtime)}"`,
    "",
    "[agent.config.createOptions.HostConfig]",
    ...agentOptions(storageFolder),
    "",
  ].join("\n");
}

function provisioningLines({ id, hubHostname, signIn }: DeviceIdentity): string[] {
  switch (signIn.kind) {
    case "symmetricKeys":
      return ["[provisioning]", 'source = "manual"', `connection_string = "${CONNECTION_STRING_PLACEHOLDER}"`];
    case "certificate":
      return [
        "[provisioning]",
        'source = "manual"',
        `iothub_hostname = "${hubHostname}"`,
        `device_id = "${id}"`,
        "",
        "[provisioning.authentication]",
        'method = "x509"',
        `identity_cert = "${CERTIFICATE}"`,
        `identity_pk = "${PRIVATE_KEY}"`,
      ];
    case "dps":
      return dpsProvisioning(signIn);
  }
}

/** The lists of the agent's options, as the base deployment has them; lists of plain text are the same in TOML and JSON. */
function agentOptions(storageFolder: string): string[] {
  const { Binds, CapAdd } = agentHostConfig(storageFolder);
  const { CapDrop, SecurityOpt } = CONTAINER_DEFAULTS;
  return Object.entries({ Binds, CapAdd, CapDrop, SecurityOpt }).map(
    ([name, list]) => `${name} = ${JSON.stringify(list)}`,
  );
}

/** Commands that install the runtime on Ubuntu 24.04, each as root, none of them answering a question. */
export const INSTALL_COMMANDS: readonly string[] = [
  "curl -fsSL -o /usr/local/share/packages-microsoft-prod.deb https://packages.microsoft.com/config/ubuntu/24.04/packages-microsoft-prod.deb",
  "dpkg -i /usr/local/share/packages-microsoft-prod.deb",
  "apt-get update",
  "DEBIAN_FRONTEND=noninteractive apt-get install -y moby-engine",
  "DEBIAN_FRONTEND=noninteractive apt-get install -y aziot-edge",
];

/**
 * Commands that make an Ubuntu 24.04 host the device, by whoever may read its secret; the secret never stands on a command
 * line.
 *
 * @param messages what the edge hub must store while the device is without a network
 */
export function setupCommands(
  device: DeviceIdentity,
  { timeToLiveSeconds, messagesPerSecond }: ExpectedMessages,
): string[] {
  const megabytes = storageMegabytes(timeToLiveSeconds, messagesPerSecond);
  const { storageFolder } = device;
  return [
    ...INSTALL_COMMANDS.map((command) => `sudo sh -c '${command}'`),
    "# Storage that outlives the runtime's containers, for the users that they run as.",
    ...storageCommands(storageFolder).map((command) => `sudo ${command}`),
    `# At least ${megabytes} MB must be free there: ${Number(messagesPerSecond.toPrecision(2))} messages of 1 KB a second, kept for ${timeToLiveSeconds} s without a network.`,
    `df --output=avail -B1M ${storageFolder}`,
    ...configureCommands(device),
    "sudo iotedge config apply",
    "sudo iotedge check",
  ];
}

function configureCommands({ signIn }: DeviceIdentity): string[] {
  const install = "sudo install -o root -g root -m 0600 config.toml /etc/aziot/config.toml";
  switch (signIn.kind) {
    case "symmetricKeys":
      return [
        "# Reads the connection string with your own sign-in (az login) and puts it in, unseen.",
        `az keyvault secret show --id "${signIn.vaultUri}secrets/${signIn.secretName}" --query value --output tsv \\`,
        `  | python3 -c 'import sys; s = sys.stdin.read().strip(); print(open("config.toml").read().replace("${CONNECTION_STRING_PLACEHOLDER}", s), end="")' \\`,
        "  | sudo install -o root -g root -m 0600 /dev/stdin /etc/aziot/config.toml",
      ];
    case "certificate":
      return [`# Put the device's certificate and key to ${CERTIFICATE} and ${PRIVATE_KEY} first.`, install];
    case "dps":
      return [...credentialCommands(signIn), install];
  }
}

/** What a virtual machine needs to know to become a device. References are as good as text. */
export interface VirtualDevice {
  /** Base address of the vault, ending in a slash. */
  readonly vaultUri: string;
  /** Name of the secret with the device's connection string. */
  readonly secretName: string;
  /** Client id of the machine's identity, which may read that secret and nothing else. */
  readonly identityClientId: string;
  /** `config.toml` with the placeholder in it. */
  readonly configToml: string;
  /** Folder of the host for what must outlive containers. */
  readonly storageFolder: string;
}

/**
 * Cloud-init for Ubuntu 24.04: at every start the machine reads its connection string with its own identity and applies it
 * where it is new, so a rotated key arrives with the next start. It tries every 30 s until it has succeeded. Containers are
 * kept from the metadata service, by which they would get the machine's identity and so the connection string.
 *
 * Nothing in it is secret. No `$` is followed by a brace: Terraform would take that for an expression.
 */
export function cloudInit(device: VirtualDevice): string {
  const script = [
    "#!/bin/bash",
    "set -euo pipefail",
    "umask 077",
    "# Before there is anything that runs containers: none of them may reach the metadata service.",
    "if ! command -v nft >/dev/null; then",
    "  apt-get update",
    "  DEBIAN_FRONTEND=noninteractive apt-get install -y nftables",
    "fi",
    `systemctl enable --now ${FIREWALL_UNIT}`,
    ...storageCommands(device.storageFolder),
    "if ! command -v iotedge >/dev/null; then",
    ...INSTALL_COMMANDS.map((command) => `  ${command}`),
    "fi",
    "work=$(mktemp -d)",
    `trap 'rm -rf "$work"' EXIT`,
    'field() { python3 -c \'import json,sys; print(json.load(sys.stdin)[sys.argv[1]], end="")\' "$1"; }',
    "imds='http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net'",
    `curl -fsS --retry 5 -H Metadata:true "$imds&client_id=${device.identityClientId}" | field access_token >"$work/token"`,
    `printf 'header = "Authorization: Bearer %s"\\n' "$(cat "$work/token")" >"$work/curl"`,
    `curl -fsS --retry 5 --config "$work/curl" '${device.vaultUri}secrets/${device.secretName}?api-version=7.4' | field value >"$work/secret"`,
    `python3 - "$work" <<'END'`,
    "import pathlib, sys",
    "work = pathlib.Path(sys.argv[1])",
    'text = pathlib.Path("/etc/aziot/config.template.toml").read_text()',
    `(work / "config.toml").write_text(text.replace("${CONNECTION_STRING_PLACEHOLDER}", (work / "secret").read_text()))`,
    "END",
    'if ! cmp -s "$work/config.toml" /etc/aziot/config.toml; then',
    '  install -o root -g root -m 0600 "$work/config.toml" /etc/aziot/config.toml',
    "  # A configuration that was not applied must not pass for one at the next attempt.",
    "  iotedge config apply || { rm /etc/aziot/config.toml; exit 1; }",
    "fi",
  ];
  const unit = [
    "[Unit]",
    "Description=Make this machine the IoT Edge device that its vault secret says",
    "After=network-online.target",
    "Wants=network-online.target",
    "[Service]",
    "Type=oneshot",
    "ExecStart=/usr/local/sbin/edge-setup",
    "Restart=on-failure",
    "RestartSec=30",
    "[Install]",
    "WantedBy=multi-user.target",
  ];
  const file = (path: string, permissions: string, lines: readonly string[]): string[] => [
    `  - path: ${path}`,
    `    permissions: "${permissions}"`,
    "    content: |",
    ...lines.map((line) => `      ${line}`.trimEnd()),
  ];
  return [
    "#cloud-config",
    "write_files:",
    ...file("/usr/local/sbin/edge-setup", "0700", script),
    ...FIREWALL_FILES.flatMap(({ path, lines }) => file(path, "0644", lines)),
    ...file("/etc/aziot/config.template.toml", "0644", device.configToml.trimEnd().split("\n")),
    ...file("/etc/systemd/system/edge-setup.service", "0644", unit),
    "runcmd:",
    "  - [systemctl, daemon-reload]",
    "  - [systemctl, enable, --now, --no-block, edge-setup.service]",
    "",
  ].join("\n");
}
