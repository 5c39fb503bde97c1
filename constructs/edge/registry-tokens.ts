import { collect, type Problem } from "@edge-anomaly-detection/common";
import { inRange, oneOf } from "@edge-anomaly-detection/common/rules";

/** The two tokens that devices use in turn. */
export const REGISTRY_TOKENS = ["first", "second"] as const;

/** One of them. */
export type RegistryTokenName = (typeof REGISTRY_TOKENS)[number];

/** What an environment decides about the tokens by which devices pull images. */
export interface RegistryTokenSettings {
  /** The token that devices get. The other stays valid for devices that were away. @default "first" */
  readonly active?: RegistryTokenName;
  /** Raise a token's number by one for a new password, 1 to 1,000,000; its old one ends at once. @default - 1 for the first, and for the second where it is active; otherwise there is no second */
  readonly generations?: Partial<Readonly<Record<RegistryTokenName, number>>>;
  /** Days from its creation for which a password is valid, 31 to 1,825. A change is for passwords that are made later. @default 365 */
  readonly validDays?: number;
}

/** Validation errors of what an environment decides about its tokens. */
export function registryTokenProblems(settings: RegistryTokenSettings): Problem[] {
  const { active, generations = {}, validDays } = settings;
  return collect(
    oneOf("active", active, REGISTRY_TOKENS, "name the token that devices get"),
    inRange("validDays", validDays, { min: 31, max: 1825, unit: "days" }, "choose how long a password is valid"),
    ...Object.keys(generations).map((name) =>
      oneOf(`generations.${name}`, name as RegistryTokenName, REGISTRY_TOKENS, "number these two alone"),
    ),
    ...REGISTRY_TOKENS.map((name) =>
      inRange(
        `generations.${name}`,
        generations[name],
        { min: 1, max: 1_000_000, unit: "generations" },
        "raise it by one",
      ),
    ),
  );
}

/** The tokens that there are, each with the number of its password. */
export function registryTokensOf(settings: RegistryTokenSettings): Partial<Record<RegistryTokenName, number>> {
  const second = settings.generations?.second ?? (settings.active === "second" ? 1 : undefined);
  return { first: settings.generations?.first ?? 1, ...(second !== undefined && { second }) };
}
