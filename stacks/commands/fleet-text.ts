import { IOT_HUB_DEFAULTS } from "../../constructs/hub/iot-hub";
import type { EnvironmentConfig } from "../../environments/environment-config";
import type { FleetSize, TierSize } from "../../environments/validation/fleet-size";
import { type LimitLine, rateLines } from "./fleet-limits";
import { count, hours, minutes, table } from "./fleet-words";

/**
 * A fleet's size for people.
 *
 * @param mark colours what passes a limit
 */
export function sizeText(
  { name, hub }: EnvironmentConfig,
  size: FleetSize,
  limits: readonly LimitLine[],
  mark: (text: string) => string,
): string {
  const configured = hub?.sku ?? IOT_HUB_DEFAULTS.sku;
  const own = size.tiers.find(({ tier }) => tier === configured) ?? size.tiers[0];
  const isPassed = (tier: string): boolean => limits.some((line) => line.tier === tier && line.isPassed);
  const rows = size.tiers.map((one) => [
    one.tier === own?.tier ? `${one.tier} (configured)` : one.tier,
    count(one.hubs),
    count(one.units),
    one.decidedBy.units,
    hours(Math.max(one.registrationHours.dps, one.registrationHours.hubs)),
    minutes(one.reconnectMinutes),
    minutes(one.rolloutMinutes),
    isPassed(one.tier) ? mark("passes a limit") : "fits",
  ]);
  return [
    `${name} with ${count(size.devices)} edge devices`,
    "",
    ...table([
      ["identities of a device", count(size.identitiesPerDevice), `itself and ${size.modules.join(", ")}`],
      ["identities in all", count(size.identities), ""],
      ["messages a day", count(size.messagesADay), "estimated; of sensors, one message each sample interval"],
      ["deployments on each hub", count(size.deployments), "one for each layer and ring"],
      ["device provisioning services", count(size.dpsServices), ""],
    ]),
    "",
    ...table([
      ["tier", "hubs", "units of each", "units by", "all registered", "all reconnected", "rolled out", ""],
      ...rows,
    ]),
    "",
    ...(own === undefined ? [] : registrationText(own, size)),
    "",
    "Billed by the fleet's size",
    ...size.tiers.map((one) => `  ${one.tier}: ${count(one.hubs * one.units)} hub units`),
    ...table(size.costDrivers.map(({ name: driver, amount, unit }) => [driver, count(amount), unit])),
    "",
    "Limits, each with what its page says",
    ...limits
      .filter(({ tier, isPassed: passed }) => passed || tier === undefined || tier === own?.tier)
      .map((line) => limitText(line, mark)),
    "",
    ...(own === undefined
      ? []
      : [`Rates on ${own.tier} with ${count(own.units)} units`, ...rateLines(own).map(rateText)]),
  ].join("\n");
}

function registrationText(
  { registrationHours: { dps, hubs }, deploymentMinutes, hubs: number }: TierSize,
  size: FleetSize,
): string[] {
  const slower = dps >= hubs ? "the DPS decides" : "the hubs decide; more units make them faster";
  return [
    `Time to register all: at least ${hours(dps)} by ${count(size.dpsServices)} DPS, ${hours(hubs)} by ${count(number)} hubs that create the identities of devices and modules: ${slower}.`,
    `Time to create the deployments of a hub: at least ${minutes(deploymentMinutes)}.`,
  ];
}

function limitText(
  { tier, what, needed, limit, isPassed, isAdjustable, quote, source }: LimitLine,
  mark: (text: string) => string,
): string {
  const text = `${count(needed)} of ${count(limit)} ${what}${tier === undefined ? "" : ` on ${tier}`}`;
  const raise = isPassed && isAdjustable ? "; Azure's support can raise it" : "";
  return `  ${isPassed ? mark(`passed: ${text}`) : text}${raise}\n    "${quote}" (${source})`;
}

const rateText = ({ what, rate, quote, source }: ReturnType<typeof rateLines>[number]): string =>
  `  ${what}: ${rate}\n    "${quote}" (${source})`;
