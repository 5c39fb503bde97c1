import * as fc from "fast-check";
import { Resolver } from "../src/synth/expressions/resolver";
import { plain, Unresolved } from "../src/synth/expressions/unresolved";

const resolver = new Resolver({
  locals: {
    devices: {
      press: { level: 1, tags: { site: "aachen" }, authentication: "sas" },
      mill: { level: 2, tags: { site: "essen" }, authentication: "selfSigned", thumbprints: ["aa"] },
    },
    image: "registry/${azurerm_container_registry.Registry.login_server}:1.0",
    alias: "${local.devices.press.tags.site}",
    circle: "${local.circle}",
  },
  resources: {
    azurerm_resource_group: { Group: { name: "rg-plant", location: "westeurope", tags: { a: "b" } } },
    azurerm_iothub: { Hub: { resource_group_name: "${azurerm_resource_group.Group.name}" } },
  },
});
const each = { key: "press", value: { id: "base-1", authentication: "sas", tags: { ring: "canary" }, list: ["x"] } };

const known: readonly (readonly [expression: string, value: unknown])[] = [
  ["plain", "plain"],
  ["$${not an expression}", "${not an expression}"],
  ["${local.alias}", "aachen"],
  ["${local.devices.mill.thumbprints[0]}", "aa"],
  ['${local.devices["mill"].level}', 2],
  ["ring-${each.key}", "ring-press"],
  ["${each.value.tags}", { ring: "canary" }],
  ['${try(each.value.status, "enabled")}', "enabled"],
  ["${try(each.value.list[0], null)}", "x"],
  ["${try(each.value.list[1], null)}", null],
  ["${!try(each.value.leaf, false)}", true],
  ['${each.value.authentication == "sas" ? try(each.value.keys, 1) : null}', 1],
  ['${each.key == "press" && each.value.id != "x" || false}', true],
  ['${toset(["b", "a", "b"])}', ["b", "a"]],
  ['${jsonencode(merge(each.value.tags, { environment = "prod" }))}', '{"ring":"canary","environment":"prod"}'],
  ["${azurerm_iothub.Hub.resource_group_name}", "rg-plant"],
  ['${{ for id, device in local.devices : id => device.level if device.authentication == "sas" }}', { press: 1 }],
  ["${{ for id, device in local.devices : id => device.tags.site }}", { press: "aachen", mill: "essen" }],
  ["${{ for id, device in {} : id => device if device.level == 1 }}", {}],
];

test.each(known)("%s is known", (expression, value) => {
  expect(resolver.resolve(expression, each)).toEqual(value);
});

const unknown: readonly (readonly [expression: string, text: string])[] = [
  ["${azurerm_iothub.Hub.hostname}", "${azurerm_iothub.Hub.hostname}"],
  ["${data.azurerm_client_config.Deployer.tenant_id}", "${data.azurerm_client_config.Deployer.tenant_id}"],
  ["${var.owner}", "${var.owner}"],
  ["id-${each.key}-${sha256(each.value.id)}", 'id-press-${sha256("base-1")}'],
  ["${iothub_device.Devices[each.key].id}", '${iothub_device.Devices["press"].id}'],
  ["${local.image}", "registry/${azurerm_container_registry.Registry.login_server}:1.0"],
  ["${local.circle}", "${local.circle}"],
  ["${local.nowhere}", "${local.nowhere}"],
  ["${[for x in local.devices : x]}", "${[for x in local.devices : x]}"],
  ["${1 + 2}", "${1 + 2}"],
  ["${unclosed", "${unclosed}"],
];

test.each(unknown)("%s stays text", (expression, text) => {
  const value = resolver.resolve(expression, each);
  expect(value).toBeInstanceOf(Unresolved);
  expect(plain(value)).toBe(text);
});

test("what an unknown value is made of tells whether it is the same elsewhere", () => {
  const expression = "${sha256(jsonencode(local.contents[each.key]))}";
  const partsWith = (image: string): string => {
    const value = new Resolver({ locals: { contents: { press: { image } } }, resources: {} }).resolve(expression, each);
    return value instanceof Unresolved ? value.parts : "";
  };
  expect(partsWith("a:1")).toBe(partsWith("a:1"));
  expect(partsWith("a:1")).not.toBe(partsWith("a:2"));
});

test("of a local only the part that is used counts", () => {
  const partsWith = (mill: string): string => {
    const locals = { contents: { press: { image: "a:1" }, mill: { image: mill } } };
    const value = new Resolver({ locals, resources: {} }).resolve("${sha256(local.contents[each.key].image)}", each);
    return value instanceof Unresolved ? value.parts : "";
  };
  expect(partsWith("b:1")).toBe(partsWith("b:2"));
  expect(partsWith("b:1")).toContain("a:1");
});

test("a form that is not understood is made of every local that it names", () => {
  const value = resolver.resolve("${[for d in local.devices : d.level]}");
  expect(value).toBeInstanceOf(Unresolved);
  expect((value as Unresolved).parts).toContain("aachen");
});

test("values inside lists and objects are worked out where they stand", () => {
  expect(plain(resolver.resolve({ a: ["${each.key}"], b: { c: "${azurerm_iothub.Hub.id}" }, d: 1 }, each))).toEqual({
    a: ["press"],
    b: { c: "${azurerm_iothub.Hub.id}" },
    d: 1,
  });
});

test("any text is read without a crash, and text without expressions stays", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "${",
      "}",
      "{",
      "(",
      ")",
      "[",
      "]",
      '"',
      ".",
      ",",
      ":",
      "=>",
      "for ",
      "in ",
      "if ",
      "local",
      "each",
    ),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join("");
      const value = plain(resolver.resolve(text, each));
      if (!/[$%]\{/.test(text)) {
        expect(value).toBe(text);
      }
    }),
  );
});
