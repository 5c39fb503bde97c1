import { type AssignableRoles, roleAssignmentCondition } from "../../constructs/security/role-assignment-condition";
import { BUILT_IN_ROLES, type RoleName } from "@edge-anomaly-detection/azure-facts";
import { allows, type AssignmentRequest } from "../support/azure-condition";

const SELF = "11111111-1111-4111-8111-111111111111";
const TEAM = "22222222-2222-4222-8222-222222222222";
const STRANGER = "33333333-3333-4333-8333-333333333333";
const NEIGHBOUR = "44444444-4444-4444-8444-444444444444";

const assignable: AssignableRoles = {
  managedIdentities: ["AcrPull", "Contributor"],
  named: [{ roles: ["Key Vault Secrets Officer"], objectIds: [TEAM, SELF] }],
  notManaged: [SELF, NEIGHBOUR],
  keep: [NEIGHBOUR],
};
const condition = roleAssignmentCondition(assignable);
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const write = (role: RoleName | "Owner", principalId: string, type: string): AssignmentRequest => ({
  action: "Microsoft.Authorization/roleAssignments/write",
  RoleDefinitionId: role === "Owner" ? OWNER : BUILT_IN_ROLES[role],
  PrincipalId: principalId,
  PrincipalType: type,
});
const remove = (role: RoleName | "Owner", principalId: string): AssignmentRequest => ({
  ...write(role, principalId, ""),
  action: "Microsoft.Authorization/roleAssignments/delete",
});

test.each<[boolean, string, AssignmentRequest]>([
  [true, "a role of the stack to a managed identity", write("AcrPull", STRANGER, "ServicePrincipal")],
  [false, "that role to a person", write("AcrPull", STRANGER, "User")],
  [false, "that role to itself", write("Contributor", SELF, "ServicePrincipal")],
  [false, "that role to another pipeline", write("Contributor", NEIGHBOUR, "ServicePrincipal")],
  [true, "a named role to the team that is named", write("Key Vault Secrets Officer", TEAM, "Group")],
  [true, "a named role to itself, where it is named", write("Key Vault Secrets Officer", SELF, "ServicePrincipal")],
  [false, "a named role to somebody else", write("Key Vault Secrets Officer", STRANGER, "Group")],
  [false, "a named role to a managed identity", write("Key Vault Secrets Officer", STRANGER, "ServicePrincipal")],
  [false, "another role to the team", write("Contributor", TEAM, "Group")],
  [false, "ownership to anybody", write("Owner", STRANGER, "ServicePrincipal")],
  [true, "removing what the stack assigned, whoever had it", remove("AcrPull", STRANGER)],
  [true, "removing a role that a changed configuration no longer assigns", remove("Key Vault Secrets User", TEAM)],
  [false, "removing somebody's ownership", remove("Owner", STRANGER)],
  [false, "removing what another pipeline needs", remove("Storage Blob Data Contributor", NEIGHBOUR)],
  [true, "anything else", { action: "Microsoft.Devices/iotHubs/read" }],
])("allows %s: %s", (allowed, _what, request) => {
  expect(allows(condition, request)).toBe(allowed);
});

test("with nothing to assign refuses every assignment", () => {
  const none = roleAssignmentCondition({ managedIdentities: [], named: [], notManaged: [SELF] });
  expect(allows(none, write("AcrPull", STRANGER, "ServicePrincipal"))).toBe(false);
  expect(allows(none, remove("AcrPull", STRANGER))).toBe(true);
});

test("is nothing that Terraform takes for an expression", () => {
  expect(condition).not.toMatch(/[$%]\{/);
});
