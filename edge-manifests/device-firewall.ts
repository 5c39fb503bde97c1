/** Name of the unit that keeps containers away from the metadata service. */
export const FIREWALL_UNIT = "edge-firewall.service";

const RULES_PATH = "/etc/edge-firewall.nft";

/**
 * A table of its own for nftables: neither Docker, whatever it uses for its own rules, nor anybody who adds to the chain
 * DOCKER-USER touches it, and what one table refuses no other lets through.
 *
 * Containers reach the network by being forwarded, the machine's own programs do not. What runs in the machine's own network
 * is let through for root alone. The address 168.63.129.16 is Azure's too: its ports 80 and 32526 hand out the settings of
 * extensions, its port 53 is the name server of containers.
 * (learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)
 */
const RULES: readonly string[] = [
  "#!/usr/sbin/nft -f",
  "# Loading it again replaces the table in one step.",
  "table inet edge_firewall",
  "delete table inet edge_firewall",
  "table inet edge_firewall {",
  "  chain forward {",
  "    type filter hook forward priority filter - 1; policy accept;",
  "    ip daddr 169.254.169.254 meta l4proto tcp counter reject with tcp reset",
  "    ip daddr 169.254.169.254 counter drop",
  "    ip daddr 168.63.129.16 tcp dport { 80, 32526 } counter reject with tcp reset",
  "  }",
  "  chain output {",
  "    type filter hook output priority filter - 1; policy accept;",
  "    ip daddr 169.254.169.254 meta skuid != 0 meta l4proto tcp counter reject with tcp reset",
  "    ip daddr 169.254.169.254 meta skuid != 0 counter drop",
  "    ip daddr 168.63.129.16 tcp dport { 80, 32526 } meta skuid != 0 counter reject with tcp reset",
  "  }",
  "}",
];

const UNIT: readonly string[] = [
  "[Unit]",
  "Description=Keep containers away from the metadata service",
  "Before=docker.service",
  "# That one begins by removing all rules, where somebody has enabled it.",
  "After=nftables.service",
  "[Service]",
  "Type=oneshot",
  "RemainAfterExit=yes",
  `ExecStart=/usr/sbin/nft -f ${RULES_PATH}`,
  "[Install]",
  "WantedBy=multi-user.target",
];

/** No container where the rules are not in force. */
const DOCKER_NEEDS_IT: readonly string[] = ["[Unit]", `Requires=${FIREWALL_UNIT}`, `After=${FIREWALL_UNIT}`];

/** A file of a virtual machine. */
interface DeviceFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/** What stands on a machine so that no container ever reaches the metadata service, not even while it starts. */
export const FIREWALL_FILES: readonly DeviceFile[] = [
  { path: RULES_PATH, lines: RULES },
  { path: `/etc/systemd/system/${FIREWALL_UNIT}`, lines: UNIT },
  { path: "/etc/systemd/system/docker.service.d/edge-firewall.conf", lines: DOCKER_NEEDS_IT },
];
