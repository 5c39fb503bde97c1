import { runInNewContext } from "node:vm";

/** A request that Azure decides on: the action, and attributes of the assignment. */
export interface AssignmentRequest {
  readonly action: string;
  readonly RoleDefinitionId?: string;
  readonly PrincipalId?: string;
  readonly PrincipalType?: string;
}

const COMPARISONS: Readonly<Record<string, (value: string, set: readonly string[]) => boolean>> = {
  "ForAnyOfAnyValues:GuidEquals": (value, set) => set.includes(value),
  "ForAnyOfAllValues:GuidNotEquals": (value, set) => !set.includes(value),
  "ForAnyOfAnyValues:StringEqualsIgnoreCase": (value, set) => set.includes(value),
};

/**
 * Decides as Azure does on the part of its condition language that this project writes
 * (learn.microsoft.com/azure/role-based-access-control/conditions-format): comparisons become `true` or `false`, and what is
 * left is an expression of parentheses, `!`, AND and OR. Throws for anything else.
 */
export function allows(condition: string, request: AssignmentRequest): boolean {
  const decided = condition
    .replace(/ActionMatches\{'([^']+)'\}/g, (_all, action: string) => String(action === request.action))
    .replace(
      /@(?:Request|Resource)\[Microsoft\.Authorization\/roleAssignments:(\w+)\] (\w+:\w+) \{([^}]*)\}/g,
      (_all, attribute: keyof AssignmentRequest, comparison: string, list: string) => {
        const compare = COMPARISONS[comparison];
        if (compare === undefined) {
          throw new Error(`unknown comparison ${comparison}`);
        }
        const set = list.split(", ").map((item) => item.replaceAll("'", "").toLowerCase());
        return String(compare((request[attribute] ?? "").toLowerCase(), set));
      },
    )
    .replaceAll("AND", "&&")
    .replaceAll("OR", "||");
  if (!/^(?:true|false|[()!&| ])+$/.test(decided)) {
    throw new Error(`not a condition: ${decided}`);
  }
  // Nothing but the words and signs above is left.
  return runInNewContext(decided) as boolean;
}
