import { modelImageTag } from "../../edge-manifests/model-image";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { minimal } from "./environments";

const detector = `1.0.0@sha256:${"d".repeat(64)}`;
const [model, shadowModel] = ["a", "b"].map((digit) => ({
  sha256: digit.repeat(64),
  version: digit.repeat(12),
  window: 16,
}));
const models = [model?.sha256 ?? "", shadowModel?.sha256 ?? ""];
const workflow = (digit: string): { readonly objectId: string; readonly type: "ServicePrincipal" } => ({
  objectId: `${digit.repeat(8)}-7777-4777-8777-777777777777`,
  type: "ServicePrincipal",
});

/** An environment with all that models need: training, a model and its shadow in an image, and the workflows that bring them. */
export const modelEnvironments = {
  models: {
    ...minimal,
    name: "models",
    code: "mdl",
    protection: { preventDestroy: false, purgeOnDestroy: true },
    access: { imagePublishers: { images: workflow("5") }, modelReaders: { models: workflow("6") } },
    machineLearning: { training: { enabled: false, silentDays: 30, image: `1.0.0@sha256:${"c".repeat(64)}` } },
    edge: {
      devices: [{ id: "press-01", virtualMachine: true }],
      telemetryToCloud: true,
      versions: {
        new: {
          detector,
          ...(model && { model }),
          ...(shadowModel && { shadowModel }),
          modelImage: `${modelImageTag({ detector, models })}@sha256:${"e".repeat(64)}`,
        },
      },
      rings: { all: { version: "new" } },
    },
  },
} as const satisfies Readonly<Record<string, EnvironmentConfig>>;
