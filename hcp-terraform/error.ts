/** A mistake or a refusal that whoever runs the command can do something about; needs no stack trace. */
export class HcpTerraformError extends Error {
  public constructor(
    /** What is wrong and where. */
    public readonly problem: string,
    /** What to do about it. */
    public readonly remedy: string,
    /** HTTP status that HCP Terraform answered with, where it answered. */
    public readonly status?: number,
  ) {
    super(`${problem}\n  do: ${remedy}`);
    this.name = "HcpTerraformError";
  }
}
