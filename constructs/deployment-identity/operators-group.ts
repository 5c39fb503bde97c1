import { Group } from "@cdktf/provider-azuread/lib/group";
import { Construct } from "constructs";
import { allDifferent, collect, type Problem, problemIf } from "@edge-anomaly-detection/common";
import { validateProps } from "../shared/validate-props";
import { hasForm } from "@edge-anomaly-detection/common/rules";

/** People by names that you choose, each with the object id of a user in Entra ID. */
export type Operators = Readonly<Record<string, string>>;

/** What `OperatorsGroup` needs. */
export interface OperatorsGroupProps {
  /** Name in the tenant, which no other group may have. */
  readonly name: string;
  /** Its members, who own it as well, 1 to 100. */
  readonly operators: Operators;
}

/** Validation errors in who the operators are. */
export function operatorsProblems(operators: Operators): Problem[] {
  const entries = Object.entries(operators);
  return collect(
    problemIf(
      entries.length === 0 || entries.length > 100,
      "",
      entries.length,
      "1 to 100 people, as many owners as an application takes",
      "name those who run the bootstrap and look after the environments",
    ),
    ...entries.flatMap(([name, objectId]) => [
      hasForm(
        name,
        name,
        /^[a-z0-9][a-z0-9-]{0,62}$/,
        "a name of 1 to 63 lower-case letters, digits and hyphens",
        "name the person, for example jane-doe",
      ),
      hasForm(
        name,
        objectId,
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
        "an Entra object id, for example 11111111-2222-3333-4444-555555555555",
        "take it from `az ad signed-in-user show` or `az ad user show` (field id)",
      ),
    ]),
    allDifferent(
      entries.map(([path, value]) => ({ path, value })),
      "name each person once",
    ),
  );
}

/** The people who look after the environments, as one group that configurations and roles can name. */
export class OperatorsGroup extends Construct {
  /** What roles are given to. */
  public readonly objectId: string;
  /** Object ids of the members. */
  public readonly people: readonly string[];

  public constructor(scope: Construct, id: string, props: OperatorsGroupProps) {
    super(scope, id);
    validateProps(this, () => operatorsProblems(props.operators));
    const people = Object.values(props.operators).map((objectId) => objectId.toLowerCase());
    this.people = people;
    this.objectId = new Group(this, "Resource", {
      displayName: props.name,
      description: "People who look after the environments and approve what pipelines apply",
      members: people,
      owners: people,
      securityEnabled: true,
      preventDuplicateNames: true,
    }).objectId;
  }
}
