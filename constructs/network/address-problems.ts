import { allDifferent, type Finding, problemIf } from "@edge-anomaly-detection/common";
import { isPrivateRange, overlap, parseRange } from "@edge-anomaly-detection/common";

/** Nothing could be planned or applied from anywhere. */
export const noRunners = (ranges: readonly string[]): Finding =>
  problemIf(
    ranges.length === 0,
    "runnerAddresses",
    ranges,
    "at least one range: devices, deployments and secrets are written through the services' own addresses",
    "name the addresses of self-hosted runners or HCP agents; those that GitHub and HCP Terraform host have none that stay",
  );

/** What is wrong with a list of IPv4 ranges that have to be public, or private. */
export function addressProblems(path: string, ranges: readonly string[], kind: "public" | "private"): Finding[] {
  return [
    ...ranges.map((text, index) => {
      const range = parseRange(text);
      const fits = range !== undefined && range.length >= 8 && isPrivateRange(range) === (kind === "private");
      return problemIf(
        !fits || (kind === "public" && NOT_PUBLIC.some((one) => overlap(one, range))),
        `${path}[${index}]`,
        text,
        `a ${kind} IPv4 range from /8 to /32, starting at its first address, like ${kind === "public" ? "203.0.113.0/28" : "10.20.0.0/16"}`,
        kind === "public"
          ? "ask the factory's network team for the addresses that its connections come from"
          : "a factory that comes over the internet needs kind internet",
      );
    }),
    allDifferent(
      ranges.map((value, index) => ({ path: `${path}[${index}]`, value })),
      "name each range once",
    ),
  ];
}

/** Addresses that reach nothing from outside: this host, carriers' own, loopback, link-local, multicast and reserved. */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
].flatMap((text) => parseRange(text) ?? []);
