import type { Permission } from "../sources/arm";
import { type Check, check } from "./check";

/** Checks of what a deployment needs. */
export const BEFORE_CHECKS: readonly Check[] = [
  check({
    id: "subscription",
    level: "broken",
    phases: ["before", "after"],
    needs: ["subscription"],
    holds: "the subscription is enabled",
    why: "Azure refuses changes in a subscription that is not enabled, and stops resources after a while",
    remedy: "ask whoever pays for it; Azure's portal says what is owed",
    page: "docs/doctor.md",
    find: ({ subscription }, { subscriptionId = "" }) =>
      subscription === "Enabled" ? [] : [{ subject: subscriptionId, what: `the subscription is ${subscription}` }],
  }),
  check({
    id: "provider-registration",
    level: "broken",
    phases: ["before", "after"],
    needs: ["providers"],
    holds: "resource providers are registered",
    why: "Azure creates no resource of a provider that is not registered",
    remedy: "az provider register --namespace NAME, or let whoever applies register it",
    page: "docs/bootstrap.md",
    find: ({ providers }, { resourceProviders }) =>
      resourceProviders.flatMap((name) => {
        const state = providers.get(name.toLowerCase())?.state ?? "unknown to Azure";
        return state === "Registered" ? [] : [{ subject: name, what: `the resource provider is ${state}` }];
      }),
  }),
  check({
    id: "region",
    level: "broken",
    phases: ["before"],
    needs: ["providers"],
    holds: "the region offers every resource type",
    why: "the apply would stop halfway",
    remedy: "choose another location for the environment, before anything is in it",
    page: "docs/doctor.md",
    find: ({ providers }, { resources, location }) =>
      [...new Set(resources.map(({ type }) => type))].flatMap((type) => {
        const [namespace = "", ...rest] = type.split("/");
        const regions = providers.get(namespace.toLowerCase())?.regions.get(rest.join("/").toLowerCase()) ?? [];
        // Types without regions, or which Azure calls global, are everywhere.
        const names = regions.map((name) => name.toLowerCase().replaceAll(" ", ""));
        const isOffered = names.length === 0 || names.includes("global") || names.includes(location);
        return isOffered ? [] : [{ subject: type, what: `${location} does not offer it` }];
      }),
  }),
  check({
    id: "quota",
    level: "broken",
    phases: ["before"],
    needs: ["quotas"],
    holds: "the subscription's quotas allow the environment",
    why: "the apply would stop halfway",
    remedy: "ask for more in Azure's portal, Quotas, or delete what is not used",
    page: "docs/doctor.md",
    find: ({ quotas }) =>
      quotas
        .filter(({ used, limit, needed }) => used + needed > limit)
        .map(({ what, used, limit, needed }) => ({
          subject: what,
          what: `${used} of ${limit} are used, and ${needed} more ${needed === 1 ? "is" : "are"} needed`,
        })),
  }),
  check({
    id: "deployer-rights",
    level: "broken",
    phases: ["before"],
    needs: ["permissions"],
    holds: "whoever is signed in may deploy",
    why: "the apply would stop halfway",
    remedy: "run it as the identity that deploys, or assign it the role that the bootstrap stack defines",
    page: "docs/bootstrap.md",
    find: ({ permissions }, { operations }) => {
      const denied = operations.filter((operation) => !permissions.some((one) => allows(one, operation)));
      return denied.length === 0
        ? []
        : [
            {
              subject: "signed-in identity",
              what: `it may not ${denied.slice(0, 3).join(", ")}${denied.length > 3 ? ` and ${denied.length - 3} more operations` : ""}`,
            },
          ];
    },
  }),
  check({
    id: "global-name",
    level: "broken",
    phases: ["before"],
    needs: ["takenNames"],
    holds: "global names are free",
    why: "two organisations cannot have one name, and the apply would stop halfway",
    remedy: "choose another nameSeed in environments/organization.ts, before anything is deployed",
    page: "docs/doctor.md",
    find: ({ takenNames }) =>
      takenNames.map(({ name, type, reason }) => ({ subject: name, what: `${type}: ${reason.replace(/\.$/, "")}` })),
  }),
  check({
    id: "image",
    level: "broken",
    phases: ["before", "after"],
    needs: ["missingImages"],
    holds: "images that versions name are in the registry",
    why: "devices keep trying to pull an image that is not there, and the module does not start",
    remedy: "push the image, or name one that is there",
    page: "docs/devices.md",
    find: ({ missingImages }) =>
      missingImages.map(({ version, repository, reference }) => ({
        subject: `version ${version}`,
        what: `${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference} is not in the registry`,
      })),
  }),
  check({
    id: "model",
    level: "broken",
    phases: ["before", "after"],
    needs: ["missingModels"],
    holds: "models that versions name can be fetched",
    why: "devices go on without the model, or with the one before it",
    remedy: "put the model where the version says, or name another",
    page: "docs/detector.md",
    find: ({ missingModels }) =>
      missingModels.map(({ version, place, reason }) => ({
        subject: `version ${version}`,
        what: `its model cannot be fetched from ${place}: ${reason}`,
      })),
  }),
];

/** Whether a role allows an operation: `*` stands for anything, and what is excepted is not allowed. */
function allows({ actions, notActions }: Permission, operation: string): boolean {
  const matches = (pattern: string): boolean =>
    new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`, "i").test(operation);
  return actions.some(matches) && !notActions.some(matches);
}

const escape = (plain: string): string => plain.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
