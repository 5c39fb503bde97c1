import { bootstrap } from "../../environments/bootstrap";
import { buildApp } from "../../stacks/app";
import { minimal, organization } from "../support/environments";

const broken = { ...minimal, hub: { ...minimal.hub, partitions: 1000 } };

test("has a stack for each environment, and the bootstrap stack where it is asked for", () => {
  const other = { ...minimal, name: "other", code: "oth" };
  const names = (configuration: Parameters<typeof buildApp>[0]): string[] => {
    const { app } = buildApp(configuration);
    return app.node.children.map(({ node }) => node.id);
  };
  expect(names({ organization, environments: [minimal, other] })).toEqual([minimal.name, "other"]);
  expect(names({ organization, environments: [minimal], bootstrap })).toEqual([minimal.name, "bootstrap"]);
});

test("validates what nobody has validated, all of it before any construct is made", () => {
  expect(() => buildApp({ organization, environments: [broken] })).toThrow(/hub\.partitions is 1000/);
});

test("does not validate again what was validated as a whole", () => {
  expect(() => buildApp({ organization, environments: [broken], isValidated: true })).not.toThrow();
});
