import type { ConfigurationCheck } from "../expectations";
import type { Level } from "../finding";
import { type Check, check } from "./check";

interface Text {
  readonly level: Level;
  readonly holds: string;
  readonly why: string;
  readonly remedy: string;
  readonly page: string;
}

const TEXTS: Readonly<Record<ConfigurationCheck, Text>> = {
  placeholder: {
    level: "finding",
    holds: "the configuration has no placeholders",
    why: "alerts, roles and names of an example reach nobody",
    remedy: "replace it by your own",
    page: "docs/bootstrap.md",
  },
  "provider-lock": {
    level: "finding",
    holds: "the providers' versions are locked",
    why: "without a lock file each run may install another version of a provider",
    remedy: "npm run lock, and commit what it writes",
    page: "docs/pipelines.md",
  },
  "message-volume": {
    level: "finding",
    holds: "the hub takes a day's messages",
    why: "a hub whose quota is used up takes no more messages until midnight UTC",
    remedy: "choose a larger hub, or fewer messages",
    page: "docs/doctor.md",
  },
  "image-tag": {
    level: "finding",
    holds: "protected environments name images by digest",
    why: "a tag can be moved, and devices would run what nobody reviewed",
    remedy: "name the digest: 1.0.0@sha256:…",
    page: "docs/devices.md",
  },
  "unlisted-environment": {
    level: "finding",
    holds: "every environment is in the index",
    why: "what is not in environments/index.ts is never deployed",
    remedy: "add it to environments/index.ts, or delete the file",
    page: "docs/doctor.md",
  },
};

/** Checks of the repository; they need neither network nor sign-in. */
export const CONFIGURATION_CHECKS: readonly Check[] = Object.entries(TEXTS).map(([id, written]) =>
  check({
    ...written,
    id,
    phases: ["before", "after"],
    needs: [],
    find: (_facts, { configuration }) =>
      configuration
        .filter((found) => found.check === id)
        .map(({ subject, what, remedy = written.remedy }) => ({ subject, what, remedy })),
  }),
);
