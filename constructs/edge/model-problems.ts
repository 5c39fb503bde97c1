import { collect, isPrivateRange, parseRange, type Problem, problemIf, under } from "@edge-anomaly-detection/common";
import { hasForm, inRange } from "@edge-anomaly-detection/common/rules";
import { isModelUri, LIMITS, PATTERNS } from "@edge-anomaly-detection/detector-contract";
import type { DetectorModel } from "../../edge-manifests/detector-layer";
import { FROM_SOURCE } from "../../edge-manifests/image-sources";
import { modelImageContents, modelImageTag } from "../../edge-manifests/model-image";
import type { EdgeVersion } from "./edge-settings";

/** Hosts of Azure that answer nobody without a token, and what they are. */
const NEEDS_TOKEN: readonly (readonly [RegExp, string])[] = [
  [/\.privatelink\./, "a private endpoint, which only its own network reaches"],
  [/\.azurecr\.io$/, "a container registry"],
  [/\.azureml\.(ms|net)$/, "an Azure ML workspace"],
  [/\.dfs\.core\.windows\.net$/, "a data lake's own endpoint"],
  [/\.file\.core\.windows\.net$/, "a file share"],
  [/^management\.azure\.com$/, "Resource Manager"],
  [/\.vault\.azure\.net$/, "a key vault"],
];

/** Validation errors of the store that an environment names for its models: an address that no device can read is refused. */
export function modelStoreProblems(store: string | undefined, ownHosts: readonly string[]): Problem[] {
  if (store === undefined) {
    return [];
  }
  const form = collect(
    hasForm(
      "modelStore",
      store,
      { test: (text) => text.length <= 900 && isModelUri(text) && !/[\s?#@]/.test(text) },
      "an https address without user name and query",
      "name a server that devices read without a key; a signed link would be readable in plans and twins",
    ),
  );
  const reason = form.length > 0 || !URL.canParse(store) ? undefined : unreadable(new URL(store).hostname, ownHosts);
  return [
    ...form,
    ...collect(
      problemIf(
        reason !== undefined,
        "modelStore",
        store,
        `the address of a server that answers devices without a token or a key; this is ${reason ?? ""}`,
        "leave modelStore and the models' uri out, so that models travel in images, or name a server of the plant by its DNS name",
      ),
    ),
  ];
}

function unreadable(host: string, ownHosts: readonly string[]): string | undefined {
  if (ownHosts.includes(host.toLowerCase())) {
    return "this environment's own storage, which takes no key and no anonymous request";
  }
  const range = parseRange(`${host}/32`);
  if (host === "localhost" || host.startsWith("[") || /^(0|127|169\.254)\./.test(`${host}.`)) {
    return "an address of the device itself or of its link";
  }
  if (range !== undefined) {
    return isPrivateRange(range)
      ? "an address of a private range"
      : "an address without a name, for which no certificate is given";
  }
  if (!host.includes(".")) {
    return "a name without a domain";
  }
  return NEEDS_TOKEN.find(([form]) => form.test(host.toLowerCase()))?.[1];
}

/** Validation errors of a version's models and of the image that holds them. */
export function modelProblems(version: EdgeVersion, store: string | undefined, sourceTag?: string): Problem[] {
  const { model, shadowModel } = version;
  const own = Object.entries({ model, shadowModel }).flatMap(([role, one]) =>
    one === undefined ? [] : under(role, oneModelProblems(one, store)),
  );
  return [
    ...own,
    ...collect(
      problemIf(
        shadowModel !== undefined && shadowModel.sha256 === model?.sha256,
        "shadowModel.sha256",
        shadowModel?.sha256,
        "another model than the one in use",
        "take the shadow model away, or name a candidate",
      ),
    ),
    // A tag is only right for hashes that are.
    ...(own.length > 0 ? [] : imageProblems(version, sourceTag)),
  ];
}

function oneModelProblems({ uri, sha256, version, window }: DetectorModel, store: string | undefined): Problem[] {
  return collect(
    problemIf(
      uri !== undefined && !isBelow(uri, store),
      "uri",
      uri,
      store === undefined
        ? "no uri where edge.modelStore names no store"
        : `an https address below edge.modelStore, ${store}, without a query`,
      "leave it out, so that the model travels in modelImage; a signed link would be readable in plans and twins",
    ),
    hasForm(
      "sha256",
      sha256,
      new RegExp(PATTERNS.sha256),
      "64 hexadecimal digits",
      "take it from `sha256sum MODEL.onnx`",
    ),
    hasForm(
      "version",
      version,
      new RegExp(PATTERNS.modelVersion),
      "1 to 64 letters, digits, dots, colons, hyphens and underscores",
      "name the model's version",
    ),
    inRange("window", window, { ...LIMITS.modelWindow, unit: "messages" }, "write the length that it was trained on"),
  );
}

const isBelow = (uri: string, store: string | undefined): boolean =>
  store !== undefined &&
  isModelUri(uri) &&
  uri.startsWith(`${store.replace(/\/$/, "")}/`) &&
  !/[\s?#]|\/\.\.?(\/|$)/.test(uri);

function imageProblems(version: EdgeVersion, sourceTag: string | undefined): Problem[] {
  const { modelImage } = version;
  const contents = modelImageContents(version, sourceTag);
  if (contents === undefined) {
    return collect(
      problemIf(
        modelImage !== undefined,
        "modelImage",
        modelImage,
        "no image where no model is held by one",
        "take it away, or the models' uri",
      ),
    );
  }
  const tag = modelImageTag(contents);
  const isRight = new RegExp(`^${tag}(@sha256:[0-9a-f]{64})?$`).test(modelImage ?? "");
  return collect(
    problemIf(
      modelImage !== FROM_SOURCE && !isRight,
      "modelImage",
      modelImage,
      `the image of these models on this detector, ${tag}@sha256:…`,
      "let the workflow promote.yml build it and propose all of it together; or write source in an environment that is not protected",
    ),
  );
}
