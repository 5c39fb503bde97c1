import { collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { oneOf } from "@edge-anomaly-detection/common/rules";
import type { AzurermBackendConfig, BackendConfig, CloudBackendConfig } from "../environment-config";

const BACKEND_FORMS: {
  readonly cloud: Readonly<Record<keyof Omit<Required<CloudBackendConfig>, "kind">, RegExp>>;
  readonly azurerm: Readonly<Record<keyof Omit<AzurermBackendConfig, "kind">, RegExp>>;
} = {
  cloud: { organization: /^[\w-]{3,40}$/, workspace: /^[\w-]{1,90}$/, hostname: /^[a-z0-9.-]+(:\d+)?$/ },
  azurerm: {
    resourceGroupName: /^[\w.()-]{0,89}[\w()-]$/,
    storageAccountName: /^[a-z0-9]{3,24}$/,
    containerName: /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    key: /^[^\s/\\][^\\]{0,1023}$/,
  },
};

/** Validation errors in where a state is kept. */
export function backendProblems(backend: BackendConfig): Problem[] {
  const forms: Readonly<Record<string, RegExp>> =
    (BACKEND_FORMS as Record<string, Readonly<Record<string, RegExp>> | undefined>)[backend.kind] ?? {};
  const values = new Map<string, unknown>(Object.entries(backend));
  return collect(
    oneOf("kind", backend.kind, ["local", "cloud", "azurerm"], "choose where Terraform keeps the state"),
    ...Object.entries(forms).map(([field, form]) => {
      const value = values.get(field);
      const optional = field === "hostname";
      return problemIf(
        (value !== undefined || !optional) && !(typeof value === "string" && form.test(value)),
        field,
        value,
        `text of the form ${form.source}`,
        "write the name as the service has it",
      );
    }),
  );
}

/** What identifies a state; undefined where each stack has a file of its own. */
export function stateOf(backend: BackendConfig): string | undefined {
  switch (backend.kind) {
    case "cloud":
      return [backend.hostname ?? "app.terraform.io", backend.organization, backend.workspace].join("/");
    case "azurerm":
      return [backend.storageAccountName, backend.containerName, backend.key].join("/");
    case "local":
      return undefined;
  }
}
