import { RemoteError } from "@edge-anomaly-detection/common";
import { SCOPES } from "../endpoints";
import { list, requiredText, text, time } from "../json";
import { arm, resourcePath } from "./arm";
import type { Around } from "./around";

/** A token by which devices pull images. */
export interface RegistryToken {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Ends of its passwords; undefined where one never ends. */
  readonly ends: readonly (string | undefined)[];
}

/** Tokens of the registry; undefined where there is no registry. */
export async function registryTokens(around: Around): Promise<readonly RegistryToken[] | undefined> {
  const path = resourcePath(around, "Microsoft.ContainerRegistry/registries", around.expected.registry.name);
  const found = await around.http.pages(arm(around, `${path}/tokens`, "2023-07-01"));
  return found?.map((token) => ({
    name: text(token, "name") ?? "",
    isEnabled: text(token, "properties", "status") !== "disabled",
    ends: list(token, "properties", "credentials", "passwords").map((password) => time(password, "expiry")),
  }));
}

const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

type Image = Around["expected"]["registry"]["images"][number];

/** Images that versions name and the registry does not have. */
export async function missingImages(around: Around): Promise<readonly Image[]> {
  const { host, images } = around.expected.registry;
  if (images.length === 0) {
    return [];
  }
  const address = around.endpoints.registry(host);
  const refresh = await exchange(around, `${address}/oauth2/exchange`, "refresh_token", {
    grant_type: "access_token",
    service: host,
    access_token: await around.http.token(SCOPES.arm),
  });
  const found = await Promise.all(
    images.map(async (image) => {
      const token = await exchange(around, `${address}/oauth2/token`, "access_token", {
        grant_type: "refresh_token",
        service: host,
        scope: `repository:${image.repository}:pull`,
        refresh_token: refresh,
      });
      const answer = await around.http.find({
        method: "HEAD",
        url: new URL(`${address}/v2/${image.repository}/manifests/${image.reference}`),
        headers: { Authorization: `Bearer ${token}`, Accept: MANIFEST_TYPES },
      });
      return answer === undefined ? [image] : [];
    }),
  );
  return found.flat();
}

/** One token for another (https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md). */
async function exchange(
  { http }: Around,
  address: string,
  field: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const { body } = await http.get({ method: "POST", url: new URL(address), body: new URLSearchParams(form) });
  return requiredText(body, "the registry's token", field);
}

/** Models that cannot be fetched where versions say; a device would ask as this does, without a sign-in. */
export async function missingModels(
  around: Around,
): Promise<readonly { readonly version: string; readonly place: string; readonly reason: string }[]> {
  const found = await Promise.all(
    around.expected.models.map(async ({ version, uri }) => {
      const url = new URL(uri);
      const place = `${url.host}${url.pathname}`;
      try {
        const { status, ok } = await around.http.send({ method: "HEAD", url });
        return ok ? [] : [{ version, place, reason: `status ${status}` }];
      } catch (error) {
        if (error instanceof RemoteError) {
          return [{ version, place, reason: error.problem }];
        }
        throw error;
      }
    }),
  );
  return found.flat();
}
