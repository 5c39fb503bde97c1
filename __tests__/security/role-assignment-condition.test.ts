import { roleAssignmentCondition } from "../../constructs/security/role-assignment-condition";

const condition = roleAssignmentCondition({
  roles: ["AcrPull", "IoT Hub Data Reader"],
  principalTypes: ["Group", "ServicePrincipal"],
});

test("limits what is assigned by role and by kind of principal, and what is taken away by role", () => {
  const ids = "{7f951dda-4ed3-4680-a7ca-43fe172d538d, b447c946-2db7-41ec-983d-d8bf3b1c77e3}";
  const attribute = "Microsoft.Authorization/roleAssignments";
  expect(condition).toBe(
    `((!(ActionMatches{'${attribute}/write'})) OR (` +
      `@Request[${attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${ids} AND ` +
      `@Request[${attribute}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Group', 'ServicePrincipal'})) AND ` +
      `((!(ActionMatches{'${attribute}/delete'})) OR (` +
      `@Resource[${attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${ids}))`,
  );
});

test("is nothing that Terraform takes for an expression", () => {
  expect(condition).not.toMatch(/[$%]\{/);
});
