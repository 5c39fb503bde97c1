import { SYSTEM_USERS, type SystemModule } from "@edge-anomaly-detection/edge-manifest-tools";

/** Folder of the host that holds the storage of both, where an environment says nothing. */
export const DEFAULT_STORAGE_FOLDER = "/var/lib/edge-storage";

/** Environment variable by which both learn where to store. */
export const STORAGE_VARIABLE = "storageFolder";

/** Its value: both write to a folder of their own name below it. */
export const STORAGE_IN_CONTAINER = "/iotedge/storage";

/** Bytes for which a message of 1 KB counts: itself, properties and system properties, and as much again until a compaction. */
const BYTES_PER_MESSAGE = 4096;
/** RocksDB's write-ahead log, which the edge hub limits to 512 MB (Azure/iotedge, CHANGELOG of 1.0.8.2). */
const LOG_MEGABYTES = 512;

/**
 * The mount of a module's storage, as Docker takes it. It is the module's own folder that is mounted, not the one above: the
 * folder then exists in the container, and start scripts give it to their user even where nobody made it on the host.
 */
export const storageBind = (module: SystemModule, folder: string): string =>
  `${folder}/${module}:${STORAGE_IN_CONTAINER}/${module}`;

/** Commands that make the storage of both with the rights that their users need, each as root; again does no harm. */
export const storageCommands = (folder: string): string[] => [
  `install -d -m 0755 ${folder}`,
  ...Object.entries(SYSTEM_USERS).map(([module, user]) => `install -d -o ${user} -g root -m 0700 ${folder}/${module}`),
];

/**
 * Megabytes that the edge hub's storage takes at most while a device is without a network: an estimate for messages of 1 KB,
 * not a measurement.
 *
 * @param timeToLiveSeconds for how long messages are kept
 * @param messagesPerSecond how many come in
 */
export function storageMegabytes(timeToLiveSeconds: number, messagesPerSecond: number): number {
  return LOG_MEGABYTES + Math.ceil((timeToLiveSeconds * messagesPerSecond * BYTES_PER_MESSAGE) / 1_000_000);
}
