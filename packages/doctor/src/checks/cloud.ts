import { ofEachHub } from "../expectations";
import { isSame } from "../sources/arm";
import { type Check, check, endOf, minutes, since } from "./check";

/** Checks of the cloud half: resources, the hub, what it writes to, keys. */
export const CLOUD_CHECKS: readonly Check[] = [
  check({
    id: "environment-missing",
    level: "broken",
    phases: ["after"],
    needs: ["resources"],
    holds: "the resource group is there",
    why: "nothing of the environment works",
    remedy: "check the subscription; if the group was deleted, see how a lost hub is rebuilt",
    page: "docs/doctor.md#lost-hub",
    find: ({ resources }, { resourceGroup }) =>
      resources === undefined ? [{ subject: resourceGroup, what: "there is no such resource group" }] : [],
  }),
  check({
    id: "hub-missing",
    level: "broken",
    phases: ["after"],
    needs: ["resources", "hub"],
    holds: "the hub is there",
    why: "no device can connect; devices keep their messages for their time-to-live",
    remedy: "rebuild it: npx cdktf deploy makes hub and identities again under the same name",
    page: "docs/doctor.md#lost-hub",
    find: ({ resources, hub }, expected) =>
      resources !== undefined && hub === undefined
        ? [{ subject: expected.hub.name, what: "there is no such hub" }]
        : [],
  }),
  check({
    id: "hub-state",
    level: "broken",
    phases: ["after"],
    needs: ["hub"],
    holds: "the hub is active",
    why: "devices cannot connect",
    remedy: "see Azure's service health; a hub in failed state needs a support request",
    page: "docs/doctor.md#lost-hub",
    find: ({ hub }, expected) =>
      hub === undefined || hub.state === "Active"
        ? []
        : [{ subject: expected.hub.name, what: `its state is ${hub.state}` }],
  }),
  check({
    id: "resource-missing",
    level: "broken",
    phases: ["after"],
    needs: ["resources"],
    holds: "every resource of the configuration is there",
    why: "an apply failed halfway, or somebody deleted it",
    remedy: "npx cdktf diff ENV shows what Terraform would create; npx cdktf deploy ENV creates it",
    page: "docs/doctor.md#failed-apply",
    find: ({ resources }, expected) =>
      expected.resources
        .filter(({ name }) => ofEachHub(expected).every(({ hub }) => name !== hub.name))
        .filter(
          (one) => resources?.every(({ type, name }) => !isSame(type, one.type) || !isSame(name, one.name)) ?? false,
        )
        .map(({ type, name }) => ({ subject: name, what: `there is no such ${type}` })),
  }),
  check({
    id: "route",
    level: "broken",
    phases: ["after"],
    needs: ["hub"],
    holds: "the hub's routes are there and enabled",
    why: "messages do not reach the lake, or no longer the built-in endpoint",
    remedy: "npx cdktf deploy",
    page: "docs/doctor.md#failed-apply",
    find: ({ hub }, expected) =>
      hub === undefined
        ? []
        : Object.entries(expected.hub.routes).flatMap(([name, endpoint]) => {
            const route = hub.routes.find((one) => one.name === name);
            const what =
              route === undefined
                ? "the hub has no such route"
                : !route.isEnabled
                  ? "the route is disabled"
                  : route.endpoints.includes(endpoint)
                    ? undefined
                    : `the route leads to ${route.endpoints.join(", ")}, not to ${endpoint}`;
            return what === undefined ? [] : [{ subject: name, what }];
          }),
  }),
  check({
    id: "endpoint-health",
    level: "broken",
    phases: ["after"],
    needs: ["endpointHealth"],
    holds: "the hub delivers to its endpoints",
    why: "messages wait in the hub, and are lost when they are as old as its retention",
    remedy:
      "see whether the hub's identity still has Storage Blob Data Contributor on the lake, and the lake's network rules",
    page: "docs/doctor.md",
    find: ({ endpointHealth = [] }) =>
      endpointHealth
        .filter(({ status }) => !["healthy", "unknown"].includes(status))
        .map((one) => ({
          subject: one.name,
          what: `the endpoint is ${one.status}${one.error === undefined ? "" : `: ${one.error}`}`,
          ...since(one.since),
        })),
  }),
  check({
    id: "no-messages",
    level: "broken",
    phases: ["after"],
    needs: ["hubCounts", "devices"],
    holds: "the hub receives messages",
    why: "devices are connected and send nothing: sensors or modules are off, or routes on the devices are wrong",
    remedy: "iotedge logs edgeHub on a device; npm run rehearse shows what its routes should carry",
    page: "docs/doctor.md#device-silent",
    find: ({ hubCounts, devices }, expected) => {
      const connected = (devices?.count ?? 0) - (devices?.silent.items.length ?? 0);
      return hubCounts === undefined || connected <= 0 || hubCounts.received > 0
        ? []
        : [{ subject: expected.hub.name, what: "no message has come for a day" }];
    },
  }),
  check({
    id: "dropped-messages",
    level: "broken",
    phases: ["after"],
    needs: ["hubCounts"],
    holds: "the hub drops no messages",
    why: "they are lost",
    remedy:
      "see the hub's Routes log: invalid messages break a route's condition, dropped ones an endpoint that stays dead",
    page: "docs/doctor.md",
    find: ({ hubCounts }, expected) =>
      (hubCounts?.dropped ?? 0) > 0
        ? [{ subject: expected.hub.name, what: `${hubCounts?.dropped ?? 0} messages were dropped within a day` }]
        : [],
  }),
  check({
    id: "throttled",
    level: "finding",
    phases: ["after"],
    needs: ["hubCounts"],
    holds: "the hub is large enough",
    why: "devices send again later, and their queues grow",
    remedy: "raise hub.units, or send less",
    page: "docs/doctor.md",
    find: ({ hubCounts }, { hub }) => {
      const { throttled = 0, quotaUsed = 0 } = hubCounts ?? {};
      const percent = Math.round((quotaUsed / hub.dailyMessages) * 100);
      return [
        ...(throttled > 0 ? [{ subject: hub.name, what: `${throttled} messages were throttled within a day` }] : []),
        ...(percent >= 90
          ? [{ subject: hub.name, what: `${percent} % of the day's ${hub.dailyMessages} messages are used` }]
          : []),
      ];
    },
  }),
  check({
    id: "lake-stale",
    level: "broken",
    phases: ["after"],
    needs: ["lakeTelemetry", "hubCounts"],
    holds: "messages reach the lake",
    why: "what does not reach the lake is missing when a model is trained",
    remedy: "see endpoint and route; the hub's identity needs Storage Blob Data Contributor on the lake",
    page: "docs/doctor.md",
    find: ({ lakeTelemetry, hubCounts }, { lake, hub }, now) => {
      const isSending = hubCounts?.lastHour !== undefined && minutes(hubCounts.lastHour, now) < 120;
      return lakeTelemetry === undefined ||
        !isSending ||
        minutes(lakeTelemetry.last, now) <= Math.max(90, hub.silentMinutes)
        ? []
        : [
            {
              subject: `${lake.account}/${lake.telemetry ?? ""}`,
              what: "no message was written, and the hub receives them",
              ...since(lakeTelemetry.last),
            },
          ];
    },
  }),
  check({
    id: "registry-token",
    level: "finding",
    phases: ["after"],
    needs: ["registryTokens"],
    holds: "tokens by which devices pull images last",
    why: "after its end no device can pull an image, and a module that is changed does not start",
    remedy: "raise its number in edge.registryTokens.generations and deploy; docs/constructs/edge.md has the order",
    page: "docs/doctor.md#rotated-keys",
    find: ({ registryTokens }, { registry }, now) =>
      registryTokens === undefined
        ? []
        : registry.tokens.flatMap((name) => {
            const token = registryTokens.find((one) => isSame(one.name, name));
            if (token?.isEnabled !== true) {
              return [
                {
                  subject: name,
                  what: token === undefined ? "there is no such token" : "the token is disabled",
                  level: "broken" as const,
                },
              ];
            }
            if (token.ends.length === 0) {
              return [{ subject: name, what: "the token has no password", level: "broken" as const }];
            }
            // Of two passwords the later one counts: devices get the newest.
            const last = token.ends.includes(undefined) ? undefined : [...token.ends].sort().at(-1);
            const end = endOf(last, now);
            return end === undefined ? [] : [{ subject: name, what: `its password ${end.what}`, level: end.level }];
          }),
  }),
  check({
    id: "vault-secret",
    level: "finding",
    phases: ["after"],
    needs: ["vaultSecrets"],
    holds: "secrets in the vaults last",
    why: "Key Vault gives nobody a secret that has ended, and whoever reads it stops",
    remedy:
      "write its successor, or another end, where the secret comes from; secrets that nobody reads any more are disabled",
    page: "docs/doctor.md#rotated-keys",
    find: ({ vaultSecrets }, _expected, now) =>
      vaultSecrets.flatMap(({ vault, name, isEnabled, ends }) => {
        const end = isEnabled ? endOf(ends, now) : undefined;
        return end === undefined
          ? []
          : [{ subject: `${vault}/${name}`, what: `the secret ${end.what}`, level: end.level }];
      }),
  }),
  check({
    id: "certificate",
    level: "finding",
    phases: ["after"],
    needs: ["certificates"],
    holds: "certificates that the hub trusts last",
    why: "devices whose certificate it has signed cannot connect after its end",
    remedy: "upload its successor before the end, and issue device certificates from it",
    page: "docs/doctor.md#rotated-keys",
    find: ({ certificates = [] }, _expected, now) =>
      certificates.flatMap(({ name, ends, isVerified }) => {
        const end = endOf(ends, now);
        const what = isVerified ? end?.what : "is not verified";
        return what === undefined
          ? []
          : [{ subject: name, what: `the certificate ${what}`, level: end?.level ?? "finding" }];
      }),
  }),
];
