import { Application } from "@cdktf/provider-azuread/lib/application";
import { ApplicationFederatedIdentityCredential } from "@cdktf/provider-azuread/lib/application-federated-identity-credential";
import { ServicePrincipal } from "@cdktf/provider-azuread/lib/service-principal";
import { Construct } from "constructs";
import { allDifferent, assertValid, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { hasForm } from "@edge-anomaly-detection/common/rules";
import type { FederatedTrust } from "./federated-trust";

/** What `PipelineIdentity` needs. */
export interface PipelineIdentityProps {
  /** Name in the tenant, which no other application may have: 1 to 120 letters, digits, hyphens and underscores. */
  readonly name: string;
  /** Object ids of the people who may change it, 1 to 100. */
  readonly owners: readonly string[];
  /** Whose tokens it takes, 1 to 20. */
  readonly trusts: readonly FederatedTrust[];
}

/** Longest subject that Entra ID takes, in characters (learn.microsoft.com/graph/api/resources/federatedidentitycredential). */
const MAX_SUBJECT = 600;

/** Validation errors in whose tokens an identity takes. */
export function federatedTrustProblems(trusts: readonly FederatedTrust[]): Problem[] {
  return collect(
    problemIf(
      trusts.length === 0 || trusts.length > 20,
      "trusts",
      trusts.length,
      "1 to 20 trusts, as many as an application takes",
      "say who signs in: an identity that nobody can sign in as is of no use",
    ),
    ...trusts.flatMap(({ name, issuer, subject }, index) => [
      hasForm(
        `trusts[${index}].name`,
        name,
        /^[a-zA-Z0-9][\w-]{2,119}$/,
        "3 to 120 letters, digits, hyphens and underscores",
        "rename the credential",
      ),
      hasForm(
        `trusts[${index}].issuer`,
        issuer,
        /^https:\/\/[^/]+(\/.*[^/])?$/,
        "an https address without a slash at its end",
        "write the issuer as its tokens have it",
      ),
      problemIf(
        subject.length === 0 || subject.length > MAX_SUBJECT,
        `trusts[${index}].subject`,
        subject,
        `1 to ${MAX_SUBJECT} characters`,
        "shorten the names that it is made of",
      ),
    ]),
    allDifferent(
      trusts.map(({ name }, index) => ({ path: `trusts[${index}].name`, value: name })),
      "give each credential its own name",
    ),
  );
}

/**
 * What a pipeline signs in as: an application with its service principal and no secret at all. Entra ID takes the tokens of
 * those it trusts instead, each good for one job.
 */
export class PipelineIdentity extends Construct {
  /** What a pipeline names when it signs in; not secret. */
  public readonly clientId: string;
  /** What roles are given to. */
  public readonly objectId: string;

  public constructor(scope: Construct, id: string, props: PipelineIdentityProps) {
    super(scope, id);
    assertValid(this.node.path, federatedTrustProblems(props.trusts));
    const owners = [...props.owners];
    const application = new Application(this, "Application", {
      displayName: props.name,
      owners,
      preventDuplicateNames: true,
      signInAudience: "AzureADMyOrg",
    });
    for (const { name, issuer, subject, description } of props.trusts) {
      new ApplicationFederatedIdentityCredential(this, `Trust_${name}`, {
        applicationId: application.id,
        displayName: name,
        description,
        audiences: ["api://AzureADTokenExchange"],
        issuer,
        subject,
      });
    }
    const servicePrincipal = new ServicePrincipal(this, "ServicePrincipal", { clientId: application.clientId, owners });
    this.clientId = application.clientId;
    this.objectId = servicePrincipal.objectId;
  }
}
