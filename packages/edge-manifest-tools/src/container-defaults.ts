import type { JsonObject } from "@edge-anomaly-detection/common";

/**
 * What every container gets unless its module says otherwise (Docker Engine API 1.41, `HostConfig`): no capability, no way
 * to gain one, and a log that cannot fill the disk: 3 files of 10 MB.
 */
export const CONTAINER_DEFAULTS: JsonObject = {
  CapDrop: ["ALL"],
  LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
  SecurityOpt: ["no-new-privileges"],
};

/** A root file system that cannot be written, with memory for temporary files: 64 MB from which nothing is executed. */
export const READ_ONLY_ROOT: JsonObject = {
  ReadonlyRootfs: true,
  Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
};

/**
 * What a container needs that starts as root, gives its folders to a user and becomes that user. The runtime's own two do
 * (Azure/iotedge, `agentStart.sh` and `hubStart.sh`), and they write to `/etc` for it, so their root is not read-only.
 */
export const START_AS_ROOT = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"] as const;

/**
 * What the edge hub needs beyond that. The file capability `cap_net_bind_service=+ep` of its `dotnet` (Azure/iotedge,
 * `edge-hub/docker/linux/Dockerfile`) makes the kernel refuse to start the program where the capability may not be had at
 * all; under `no-new-privileges` the program does not get it, so port 443 is opened by `UNPRIVILEGED_PORTS`.
 */
export const BIND_LOW_PORTS = "NET_BIND_SERVICE";

/** Lets every user of the container listen on every port of it. Docker's default since 20.10, written out. */
export const UNPRIVILEGED_PORTS: JsonObject = { "net.ipv4.ip_unprivileged_port_start": "0" };
