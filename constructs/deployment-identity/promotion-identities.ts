import { Construct } from "constructs";
import { type GithubRepository, githubTrust } from "./federated-trust";
import { PROMOTION_ENVIRONMENTS } from "./github-environments";
import { PipelineIdentity } from "./pipeline-identity";

/** What `PromotionIdentities` needs. */
export interface PromotionIdentitiesProps {
  /** Word that the names are made of. */
  readonly workload: string;
  /** Object ids of the people who may change them, 1 to 100. */
  readonly owners: readonly string[];
  /** Repository whose workflows sign in. */
  readonly github: GithubRepository;
}

/**
 * What workflows sign in as that build images and promote models: one identity for each of their GitHub environments. They may
 * nothing until an environment's `access` names them.
 */
export class PromotionIdentities extends Construct {
  /** Client and object ids by `images_client_id` and the like; not secret. */
  public readonly outputs: Readonly<Record<string, string>>;

  public constructor(scope: Construct, id: string, { workload, owners, github }: PromotionIdentitiesProps) {
    super(scope, id);
    this.outputs = Object.fromEntries(
      Object.values(PROMOTION_ENVIRONMENTS).flatMap((environment) => {
        const { clientId, objectId } = new PipelineIdentity(this, environment, {
          name: `app-${workload}-${environment}`,
          owners,
          trusts: [githubTrust(github, environment)],
        });
        return [
          [`${environment}_client_id`, clientId],
          [`${environment}_object_id`, objectId],
        ];
      }),
    );
  }
}
