import { TerraformProvider } from "cdktf";
import type { Construct } from "constructs";

/** Where the provider comes from and which versions of it these bindings describe. */
export const IOTHUB_PROVIDER = { providerName: "iothub", providerVersionConstraint: "~> 1.1" } as const;

/** Arguments of the provider mwalser/iothub. What is left out comes from azurerm's own variables (`ARM_*`). */
export interface IothubProviderConfig {
  /** Name by which resources choose this one of several. Terraform must know it before everything else: a plain identifier. @default - the one that resources use which choose none */
  readonly alias?: string;
  /** Host of the hub, in lower case: `contoso.azure-devices.net`. May be unknown at a first plan, which then does without the hub. @default - `IOTHUB_HOSTNAME` */
  readonly hostname?: string;
  /** Connection string of a shared access policy; signs in with its key instead of Entra ID. @default - Entra ID */
  readonly connectionString?: string;
  /** Entra tenant, a GUID. @default - `ARM_TENANT_ID` */
  readonly tenantId?: string;
  /** Application (client) id, a GUID. @default - `ARM_CLIENT_ID` */
  readonly clientId?: string;
  /** File that holds the client id. @default - `ARM_CLIENT_ID_FILE_PATH` */
  readonly clientIdFilePath?: string;
  /** Client secret. @default - `ARM_CLIENT_SECRET` */
  readonly clientSecret?: string;
  /** File that holds the client secret. @default - `ARM_CLIENT_SECRET_FILE_PATH` */
  readonly clientSecretFilePath?: string;
  /** Client certificate, base64 of PKCS#12 or PEM. @default - `ARM_CLIENT_CERTIFICATE` */
  readonly clientCertificate?: string;
  /** Password of the client certificate. @default - `ARM_CLIENT_CERTIFICATE_PASSWORD` */
  readonly clientCertificatePassword?: string;
  /** File that holds the client certificate, `.pfx` or PEM. @default - `ARM_CLIENT_CERTIFICATE_PATH` */
  readonly clientCertificatePath?: string;
  /** Sign in with a federated token. @default - `ARM_USE_OIDC` */
  readonly useOidc?: boolean;
  /** The federated token. @default - `ARM_OIDC_TOKEN` */
  readonly oidcToken?: string;
  /** File that holds the federated token, read for every request. @default - `ARM_OIDC_TOKEN_FILE_PATH` */
  readonly oidcTokenFilePath?: string;
  /** Where GitHub Actions or Azure Pipelines hands out tokens. @default - `ARM_OIDC_REQUEST_URL` */
  readonly oidcRequestUrl?: string;
  /** Bearer token for that address. @default - `ARM_OIDC_REQUEST_TOKEN` */
  readonly oidcRequestToken?: string;
  /** Azure DevOps service connection to federate with. @default - `ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID` */
  readonly adoPipelineServiceConnectionId?: string;
  /** Sign in as AKS workload identity. @default - `ARM_USE_AKS_WORKLOAD_IDENTITY` */
  readonly useAksWorkloadIdentity?: boolean;
  /** Sign in with the managed identity of the machine that runs Terraform. @default false */
  readonly useMsi?: boolean;
  /** Use the login of the Azure CLI where nothing else is configured. @default true */
  readonly useCli?: boolean;
}

/** The provider {@link https://registry.terraform.io/providers/mwalser/iothub/latest/docs mwalser/iothub}: one hub's data plane. */
export class IothubProvider extends TerraformProvider {
  public static readonly tfResourceType = "iothub";

  public constructor(
    scope: Construct,
    id: string,
    private readonly config: IothubProviderConfig = {},
  ) {
    super(scope, id, {
      terraformResourceType: IothubProvider.tfResourceType,
      terraformGeneratorMetadata: IOTHUB_PROVIDER,
      terraformProviderSource: "mwalser/iothub",
    });
  }

  public override get alias(): string | undefined {
    return this.config.alias;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const config = this.config;
    return {
      hostname: config.hostname,
      connection_string: config.connectionString,
      tenant_id: config.tenantId,
      client_id: config.clientId,
      client_id_file_path: config.clientIdFilePath,
      client_secret: config.clientSecret,
      client_secret_file_path: config.clientSecretFilePath,
      client_certificate: config.clientCertificate,
      client_certificate_password: config.clientCertificatePassword,
      client_certificate_path: config.clientCertificatePath,
      use_oidc: config.useOidc,
      oidc_token: config.oidcToken,
      oidc_token_file_path: config.oidcTokenFilePath,
      oidc_request_url: config.oidcRequestUrl,
      oidc_request_token: config.oidcRequestToken,
      ado_pipeline_service_connection_id: config.adoPipelineServiceConnectionId,
      use_aks_workload_identity: config.useAksWorkloadIdentity,
      use_msi: config.useMsi,
      use_cli: config.useCli,
    };
  }
}
