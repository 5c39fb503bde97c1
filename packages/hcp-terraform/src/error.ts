import { RemoteError } from "@edge-anomaly-detection/common";

/** A mistake in what HCP Terraform was asked, or its refusal. */
export class HcpTerraformError extends RemoteError {}
