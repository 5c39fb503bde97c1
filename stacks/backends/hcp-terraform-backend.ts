import { DataTerraformRemoteState, getHostNameType, TerraformBackend, type TerraformRemoteState } from "cdktf";
import type { Construct } from "constructs";

/** A workspace in HCP Terraform or Terraform Enterprise. */
export interface HcpTerraformBackendProps {
  /** Organisation that the workspace is in. */
  readonly organization: string;
  /** Name of the workspace. */
  readonly workspace: string;
  /** Host of the installation. @default "app.terraform.io" */
  readonly hostname?: string;
}

/**
 * A `cloud` block with a named workspace, the same JSON as cdktf's `CloudBackend`. That one runs `terraform version` at
 * every synth and fails where there is no Terraform; the stack's `required_version` says the same to whoever runs it.
 */
export class HcpTerraformBackend extends TerraformBackend {
  public constructor(
    scope: Construct,
    private readonly props: HcpTerraformBackendProps,
  ) {
    super(scope, "backend", "cloud");
  }

  public override toTerraform(): object {
    const { organization, workspace, hostname } = this.props;
    return { terraform: { cloud: { organization, workspaces: { name: workspace }, ...(hostname && { hostname }) } } };
  }

  public override toMetadata(): object {
    return { ...(super.toMetadata() as object), cloud: getHostNameType(this.props.hostname) };
  }

  public override getRemoteStateDataSource(scope: Construct, name: string): TerraformRemoteState {
    const { organization, workspace, hostname } = this.props;
    return new DataTerraformRemoteState(scope, name, { organization, hostname, workspaces: { name: workspace } });
  }
}
