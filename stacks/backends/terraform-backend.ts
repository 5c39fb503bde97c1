import { AzurermBackend, LocalBackend, type TerraformStack } from "cdktf";
import type { BackendConfig } from "../../environments/environment-config";
import { HcpTerraformBackend } from "./hcp-terraform-backend";

/** Says where Terraform keeps the state of a stack. */
export function addBackend(stack: TerraformStack, name: string, backend: BackendConfig): void {
  switch (backend.kind) {
    case "local":
      // Relative to cdktf.out/stacks/<name>, where Terraform runs: beside cdktf.json, which cleaning the output spares.
      new LocalBackend(stack, { path: `../../../terraform.${name}.tfstate` });
      break;
    case "cloud":
      new HcpTerraformBackend(stack, backend);
      break;
    case "azurerm":
      new AzurermBackend(stack, {
        resourceGroupName: backend.resourceGroupName,
        storageAccountName: backend.storageAccountName,
        containerName: backend.containerName,
        key: backend.key,
        useAzureadAuth: true,
      });
  }
}
