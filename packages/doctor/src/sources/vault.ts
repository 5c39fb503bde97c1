import { at, number, text } from "../json";
import { arm, isSame, resourcePath } from "./arm";
import type { Around } from "./around";
import type { ExpectedResource } from "../expectations";

/** A secret by its name. Its value is never read: ARM has none to give. */
export interface VaultSecret {
  readonly vault: string;
  readonly name: string;
  readonly isEnabled: boolean;
  /** ISO 8601; undefined where it does not end. */
  readonly ends: string | undefined;
}

const VAULT = "Microsoft.KeyVault/vaults";

/** Secrets of the environment's vaults that are there (learn.microsoft.com/rest/api/keyvault/keyvault/secrets/list). */
export async function vaultSecrets(
  around: Around,
  resources: readonly ExpectedResource[] | undefined,
): Promise<readonly VaultSecret[]> {
  const vaults = around.expected.resources.filter(
    ({ type, name }) => type === VAULT && resources?.some((one) => isSame(one.type, VAULT) && isSame(one.name, name)),
  );
  const found = await Promise.all(
    vaults.map(async ({ name: vault }) => {
      const path = `${resourcePath(around, VAULT, vault)}/secrets`;
      return ((await around.http.pages(arm(around, path, "2023-07-01"))) ?? []).map((secret): VaultSecret => {
        const seconds = number(secret, "properties", "attributes", "exp");
        return {
          vault,
          name: text(secret, "name") ?? "",
          isEnabled: at(secret, "properties", "attributes", "enabled") !== false,
          ends: seconds === undefined ? undefined : new Date(seconds * 1000).toISOString(),
        };
      });
    }),
  );
  return found.flat();
}
