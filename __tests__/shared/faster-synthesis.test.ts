import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { AzurermBackend, CloudBackend, NamedCloudWorkspace, TerraformLocal, TerraformOutput, Testing } from "cdktf";
import { Construct } from "constructs";
import { environments } from "../../environments";
import { bootstrap } from "../../environments/bootstrap";
import { organization } from "../../environments/organization";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { EnvironmentStack } from "../../stacks/environment-stack";
import { IndependentStack } from "../../constructs/shared/faster-synthesis";
import { writtenByCdktf } from "../support/synth";

class Plain extends IndependentStack {}

function group(scope: Construct, id: string): ResourceGroup {
  return new ResourceGroup(scope, id, {
    name: `rg-${id}`,
    location: "westeurope",
    tags: { quote: 'a "b"\n\\n $${c}' },
  });
}

describe("writes what cdktf would", () => {
  const app = Testing.app();
  const stacks = environments.map(
    (environment) => new EnvironmentStack(app, environment.name, { organization, environment }),
  );
  const all = [...stacks, new BootstrapStack(app, "bootstrap", { organization, bootstrap, environments: stacks })];

  test.each(all.map((stack) => [stack.node.id, stack] as const))("of %s", (_name, stack) => {
    expect(stack.toTerraform()).toStrictEqual(writtenByCdktf(stack));
  });

  test.each<readonly [string, (stack: Plain) => void]>([
    ["nothing", () => undefined],
    [
      "overrides of the stack with references, in lists and in place of a value",
      (stack) => {
        const one = group(stack, "One");
        const two = group(stack, "Two");
        stack.addOverride(`resource.azurerm_resource_group.${two.friendlyUniqueId}.location`, one.location);
        stack.addOverride(`resource.azurerm_resource_group.${two.friendlyUniqueId}.tags.list`, [
          one.name,
          { id: one.id },
        ]);
        stack.addOverride("check.group.data", [{ name: one.name }]);
      },
    ],
    [
      "an override of the stack that takes something away",
      (stack) => {
        const { friendlyUniqueId } = group(stack, "One");
        stack.addOverride(`resource.azurerm_resource_group.${friendlyUniqueId}.tags`, undefined);
      },
    ],
    [
      "overrides of several resources and one without",
      (stack) => {
        group(stack, "One").addOverride("managed_by", group(stack, "Two").id);
        group(stack, "Three").addOverride("tags", { more: "tags" });
      },
    ],
    [
      "a resource that moves, and one that is imported",
      (stack) => {
        group(stack, "Old").moveTo("new");
        group(stack, "New").addMoveTarget("new");
        group(stack, "Found").importFrom("/subscriptions/x/resourceGroups/rg-found");
      },
    ],
    [
      "outputs at several depths and local values",
      (stack) => {
        const inner = new Construct(stack, "Inner");
        new TerraformOutput(stack, "one", { value: group(inner, "One").id });
        new TerraformOutput(inner, "two", { value: new TerraformLocal(inner, "Local", { a: [1, "${x}"] }).expression });
      },
    ],
    [
      "a backend in the cloud",
      (stack) => new CloudBackend(stack, { organization: "acme", workspaces: new NamedCloudWorkspace("one") }),
    ],
    [
      "a backend in Azure",
      (stack) => new AzurermBackend(stack, { storageAccountName: "stone", containerName: "state", key: "one" }),
    ],
  ])("with %s", (_what, build) => {
    const stack = new Plain(Testing.app(), "plain");
    build(stack);
    expect(stack.toTerraform()).toStrictEqual(writtenByCdktf(stack));
  });
});
