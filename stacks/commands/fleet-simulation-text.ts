import type { OutageResult, SimulationResult } from "@edge-anomaly-detection/fleet";
import { type PreparedSimulation, type SimulationRequest, WITHDRAWN_AFTER_MINUTES } from "./fleet-simulation";
import { count, hours, minutes, table } from "./fleet-words";

const CHART_ROWS = 16;
const CHART_WIDTH = 50;

/**
 * A simulation for people.
 *
 * @param mark colours what somebody should do something about
 */
export function simulationText(
  environment: string,
  request: SimulationRequest,
  { settings, tier, units, dpsServices }: PreparedSimulation,
  result: SimulationResult,
  mark: (text: string) => string,
): string {
  const hubs = settings.hubs.length;
  const { slowHub, fullHub, lostHub } = result.failedAssignments;
  return [
    `${environment}: ${count(request.devices)} devices register through ${count(dpsServices)} DPS with ${count(hubs)} ${tier} ${hubs === 1 ? "hub" : "hubs"} of ${count(units)} units`,
    `switched on ${request.powerOnHours === 0 ? "all at once" : `over ${hours(request.powerOnHours)}`}, retrying as ${request.retry}, at most ${count(settings.registrationsAMinute)} registrations a minute`,
    "",
    ...chart(result, request.devices),
    "",
    ...table([
      ["all connected after", result.connectedAfter === undefined ? mark("never") : minutes(result.connectedAfter)],
      [
        "registrations",
        `${count(result.registrations)} accepted and billed, ${count(result.refused)} refused with 429`,
      ],
      ["requests in the busiest minute", count(result.peakRequests)],
      [
        "retries of a device",
        `${result.retries.mean.toLocaleString("en", { maximumFractionDigits: 1 })} on average, ${count(result.retries.max)} at most`,
      ],
      [
        "registered without a hub",
        `${count(slowHub)} (hub too slow), ${count(fullHub)} (hub full), ${count(lostHub)} (hub lost)`,
      ],
      ["refused connections", count(result.throttledConnections)],
      ["given another hub", count(result.moves)],
    ]),
    ...result.outages.flatMap((outage) => outageText(outage, request, mark)),
    "",
    ...hubsText(result),
    ...warnings(request, result).map((text) => mark(`! ${text}`)),
  ].join("\n");
}

/** Connected devices over time, one bar for each of about sixteen moments. */
function chart({ connected, minutes: simulated }: SimulationResult, devices: number): string[] {
  const step = Math.max(1, Math.ceil(simulated / CHART_ROWS));
  const moments = Array.from({ length: Math.ceil(simulated / step) }, (_, row) =>
    Math.min(simulated, (row + 1) * step),
  );
  const labels = moments.map((minute) => minutes(minute));
  const width = Math.max(...labels.map(({ length }) => length));
  return moments.map((minute, row) => {
    const now = connected[minute - 1] ?? 0;
    const bar = "#".repeat(Math.round((now / devices) * CHART_WIDTH));
    return `  ${(labels[row] ?? "").padStart(width)} |${bar.padEnd(CHART_WIDTH)}| ${count(now)}`;
  });
}

function outageText(
  { hub, disconnected, recoveredAfter }: OutageResult,
  { outageHours }: SimulationRequest,
  mark: (text: string) => string,
): string[] {
  const recovered =
    recoveredAfter === undefined
      ? mark("were never all connected again")
      : `all connected ${minutes(recoveredAfter)} later`;
  return [
    "",
    `hub ${hub + 1} is lost for ${hours(outageHours)} and taken out of allocation after ${WITHDRAWN_AFTER_MINUTES} min: ${count(disconnected)} devices disconnected, ${recovered}`,
  ];
}

/** Every hub, or the extremes of many. */
function hubsText({ hubs }: SimulationResult): string[] {
  const rows = hubs.map(({ devices, stale }, hub) => [`hub ${hub + 1}`, count(devices), count(stale)]);
  const head = ["", "devices", "left behind"];
  if (hubs.length <= 10) {
    return table([head, ...rows]);
  }
  const devices = hubs.map((hub) => hub.devices);
  const stale = hubs.reduce((sum, hub) => sum + hub.stale, 0);
  return table([
    [
      `${hubs.length} hubs`,
      `${count(Math.min(...devices))} to ${count(Math.max(...devices))} devices`,
      `${count(stale)} left behind`,
    ],
  ]);
}

function warnings({ retry, powerOnHours }: SimulationRequest, result: SimulationResult): string[] {
  const stale = result.hubs.reduce((sum, hub) => sum + hub.stale, 0);
  return [
    ...(result.unassigned > 0
      ? [
          `${count(result.unassigned)} devices have no hub: the hubs are full; simulate with --hubs ${result.hubs.length + 1}`,
        ]
      : []),
    ...(result.unassigned === 0 && result.failedAssignments.fullHub > 0
      ? [`hubs were full while one was lost: link one hub more (--hubs ${result.hubs.length + 1})`]
      : []),
    ...(stale > 0
      ? [
          `${count(stale)} identities of devices that have moved may stay on the hub that was lost; Azure does not say: remove them there`,
        ]
      : []),
    ...(result.retries.mean > 20 && powerOnHours === 0 && retry !== "spread"
      ? ["devices are refused again and again: switch them on in stages (--power-on HOURS)"]
      : []),
  ];
}
