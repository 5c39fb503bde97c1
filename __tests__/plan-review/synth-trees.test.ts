import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Change,
  detailInWords,
  linesInWords,
  renderHtml,
  renderJson,
  renderMarkdown,
  type Report,
  review,
  reviewSynth,
  SynthFolderError,
} from "@edge-anomaly-detection/plan-review";
import type { EnvironmentConfig } from "../../environments/environment-config";
import { prod } from "../../environments/prod";
import { staging } from "../../environments/staging";
import { removeTrees, synthesized, temporaryFolder, written } from "../support/trees";

afterAll(removeTrees);

const base = synthesized(prod);
const edge = prod.edge ?? { versions: {}, rings: {} };
const registered = edge.devices ?? [];

/** What changing the record of prod changes. */
const withChange = (change: Partial<EnvironmentConfig>): Report =>
  reviewSynth(base, synthesized({ ...prod, ...change }));

const find = (report: Report, start: string): Change => {
  const found = report.changes.filter(({ address }) => address.startsWith(start));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} of ${start} among ${report.changes.map(({ address }) => address).join()}`);
  }
  return found[0];
};

const inWords = ({ details }: Change): string[] => details.map((detail) => `${detail.path}: ${detailInWords(detail)}`);

const addresses = (report: Report): string[] =>
  report.changes.map(({ address, action, level }) => `${level} ${action} ${address}`);

describe("two syntheses of a record with one change", () => {
  test("the same record: nothing changes", () => {
    const report = withChange({});
    expect(report.verdict).toBe("nothing");
    expect(report.changes).toEqual([]);
    expect(report.sources.map(({ name, unchanged }) => [name, unchanged > 100])).toEqual([["prod", true]]);
    expect(report.notes).toEqual([expect.stringMatching(/^Compared without state: /)]);
  });

  test("partitions of the hub: dangerous and first, because Azure sets them once", () => {
    const report = withChange({ hub: { ...prod.hub, partitions: 8 }, tags: { criticality: "high" } });
    const [first] = report.changes;
    expect(report.verdict).toBe("dangerous");
    expect(first).toMatchObject({ action: "update", level: "danger", type: "azurerm_iothub" });
    expect(first?.consequence).toMatch(/^Azure sets event_hub_partition_count when the object is made .* Every device/);
    expect(first && inWords(first)).toContain("event_hub_partition_count: 4 → 8");
  });

  test("a device more: its identity, its twin, its secret", () => {
    const devices = [...registered, { id: "aachen-press-03", tags: { site: "aachen", ring: "fleet" } }];
    const report = withChange({ edge: { ...edge, devices } });
    expect(addresses(report)).toEqual([
      expect.stringMatching(/^change create azurerm_key_vault_secret\.DeviceSecrets_\w+\["aachen-press-03"\]$/),
      expect.stringMatching(/^change create iothub_device\.Devices_\w+\["aachen-press-03"\]$/),
      expect.stringMatching(/^change create iothub_device_twin\.Devices_Twin_\w+\["aachen-press-03"\]$/),
    ]);
    expect(inWords(find(report, "iothub_device."))).toEqual(['device_id: "aachen-press-03"']);
  });

  test("a hub more: nothing of the first changes but charts, and alerts that now name the hub", () => {
    const report = withChange({ hub: { ...prod.hub, stamps: { second: {} } } });
    expect(report.verdict).toBe("changes");
    const changed = report.changes.filter(({ address }) => !address.includes("Stamp-second_"));
    expect(changed.map(({ action, address }) => `${action} ${address.replace(/_[0-9A-F]{8}$/, "")}`).sort()).toEqual([
      "create output.iot_hub_hostnames",
      "create provider.iothub.second",
      "update azurerm_application_insights_workbook.Workbook",
      "update azurerm_monitor_scheduled_query_rules_alert_v2.Alerts_RoutingErrors",
    ]);
  });

  test("a removed hub with devices on it: dangerous, and what is lost is said of hub and devices", () => {
    const hub = (state: "active" | "removed"): EnvironmentConfig["hub"] => ({
      ...prod.hub,
      stamps: { second: { state } },
    });
    const onSecond = [...registered, { id: "aachen-press-03", hub: "second", tags: { site: "aachen", ring: "fleet" } }];
    const report = reviewSynth(
      synthesized({ ...prod, hub: hub("active"), edge: { ...edge, devices: onSecond } }),
      synthesized({ ...prod, hub: hub("removed") }),
    );
    expect(report.verdict).toBe("dangerous");
    const lost = report.changes.filter(({ level }) => level === "danger");
    expect(lost.map(({ action, type }) => `${action} ${type}`)).toEqual([
      "delete azurerm_iothub",
      "delete azurerm_key_vault_secret",
      "delete iothub_device",
    ]);
    expect(lost[0]?.consequence).toMatch(/device/);
    expect(lost[2]?.consequence).toMatch(/cannot connect/);
    expect(lost[2]?.address).toMatch(/^iothub_device\.Stamp-second_Devices_\w+\["aachen-press-03"\]$/);
  });

  test("a device less: dangerous, because its identity goes", () => {
    const devices = registered.filter(({ id }) => id !== "aachen-press-02");
    const report = withChange({ edge: { ...edge, devices } });
    const device = find(report, "iothub_device.");
    expect(report.verdict).toBe("dangerous");
    expect(device).toMatchObject({ action: "delete", level: "danger", reason: "its key is no longer in for_each" });
    expect(device.address).toMatch(/\["aachen-press-02"\]$/);
    expect(device.consequence).toMatch(/cannot connect/);
  });

  test("a ring gets another version: its deployment is made anew, and the images are said", () => {
    const rings = { ...edge.rings, fleet: { version: "2026.11", where: { ring: "fleet" } } };
    const report = withChange({ edge: { ...edge, rings } });
    const deployment = find(report, "iothub_edge_deployment.Rollout_Base");
    expect(deployment).toMatchObject({ action: "replace", level: "change", createsFirst: true });
    expect(deployment.address).toMatch(/\["fleet"\]$/);
    expect(deployment.forcedBy).toEqual(["deployment_id", "modules_content"]);
    const content = deployment.details.filter(({ path }) => path === "modules_content");
    expect(content.flatMap(linesInWords)).toEqual([
      expect.stringMatching(/edgeAgent: image ".*:1\.6\.0" → ".*:1\.6\.1"/),
      expect.stringMatching(/edgeHub: image ".*:1\.6\.0" → ".*:1\.6\.1"/),
    ]);
    expect(report.changes.filter(({ address }) => address.includes('["canary"]'))).toEqual([]);
  });

  test("the query: lines that are added and removed, and that the package is published anew", () => {
    const signals = prod.streamAnalytics?.signals?.slice(0, 2) ?? [];
    const report = withChange({ streamAnalytics: { ...prod.streamAnalytics, signals } });
    const query = find(report, "azapi_resource_action.EdgeJob_Transformation");
    const lines = query.details.find(({ path }) => path === "body.properties.query")?.lines ?? [];
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every((line) => /^[+-] /.test(line))).toBe(true);
    expect(lines.join("\n")).toMatch(/^- .*vibration/m);
    expect(find(report, "azapi_resource_action.EdgePackage")).toMatchObject({ action: "replace", level: "caution" });
  });

  test("an environment less: everything in it, and that nothing happens by itself", () => {
    const report = reviewSynth(synthesized(prod, staging), synthesized(prod));
    expect(report.sources.map(({ name, counts }) => [name, counts.delete > 50])).toEqual([
      ["prod", false],
      ["staging", true],
    ]);
    expect(report.verdict).toBe("dangerous");
    expect(find(report, "azurerm_iothub.")).toMatchObject({ action: "delete", level: "danger", source: "staging" });
    expect(report.notes[0]).toMatch(/^staging: The stack is no longer synthesized\. That alone deletes nothing/);
  });

  test("an environment more: everything in it is made", () => {
    const report = reviewSynth(synthesized(prod), synthesized(prod, staging));
    expect(report.verdict).toBe("changes");
    expect(new Set(report.changes.map(({ action, source }) => `${action} ${source}`))).toEqual(
      new Set(["create staging"]),
    );
  });

  test("another place for the state: dangerous", () => {
    const backend = { kind: "cloud", organization: "contoso-factories", workspace: "elsewhere" } as const;
    const report = withChange({ backend });
    expect(addresses(report)).toEqual(["danger update terraform.backend"]);
    expect(inWords(find(report, "terraform.backend"))).toEqual([
      'cloud.workspaces.name: "edge-anomaly-prod" → "elsewhere"',
    ]);
    expect(find(report, "terraform.backend").consequence).toMatch(/makes everything again/);
  });

  test("prevent_destroy lifted: with caution, although nothing else changes", () => {
    const report = withChange({ protection: { preventDestroy: false, purgeOnDestroy: false } });
    const hub = find(report, "azurerm_iothub.");
    expect(hub).toMatchObject({ action: "update", level: "caution" });
    expect(hub.reason).toMatch(/^prevent_destroy is lifted/);
    expect(inWords(hub)).toEqual(["lifecycle.prevent_destroy: true → false"]);
  });

  test("a tag on everything: a note says it once", () => {
    const report = withChange({ tags: { criticality: "high" } });
    const tagged = report.changes.filter(({ action }) => action === "update");
    expect(tagged.length).toBeGreaterThan(25);
    expect(new Set(tagged.flatMap(inWords))).toEqual(new Set(['tags.criticality: "production" → "high"']));
    expect(report.notes[0]).toBe(
      `${tagged.length} objects differ in nothing but tags.criticality: "production" → "high".`,
    );
    expect(renderMarkdown(report).length).toBeLessThan(10_000);
  });

  test("another place: what has a name or a location there is replaced, and what is in it", () => {
    const report = withChange({ location: "northeurope" });
    expect(find(report, "azurerm_key_vault.Vault")).toMatchObject({ action: "replace", level: "danger" });
    expect(find(report, "azurerm_key_vault.Vault").forcedBy).toContain("location");
    expect(find(report, "azurerm_key_vault.Vault").reason).toMatch(/prevent_destroy is set/);
    const secret = report.changes.find(({ type }) => type === "azurerm_key_vault_secret");
    expect(secret).toMatchObject({ action: "replace", level: "danger", forcedBy: ["key_vault_id"] });
    expect(secret && inWords(secret)).toContain("key_vault_id: known after apply");
    expect(report.notes.join("\n")).toMatch(/Provider iothub is set up with what is replaced/);
  });
});

/** What changes between two stacks of one resource or more. */
const between = (before: object, after: object): Report =>
  reviewSynth(written({ one: before }), written({ one: after }));

const account = (change: object = {}): object => ({
  azurerm_storage_account: {
    Lake: { name: "stlake", location: "westeurope", account_tier: "Standard", min_tls_version: "TLS1_2", ...change },
  },
});
const container = {
  azurerm_storage_container: { Data: { name: "data", storage_account_id: "${azurerm_storage_account.Lake.id}" } },
};

describe("two stacks", () => {
  test("a storage account that is gone is dangerous", () => {
    const report = between({ resource: { ...account(), ...container } }, { resource: {} });
    expect(addresses(report)).toEqual([
      "danger delete azurerm_storage_account.Lake",
      "danger delete azurerm_storage_container.Data",
    ]);
    expect(report.changes[0]).toMatchObject({ reason: "no longer in the configuration" });
    expect(report.counts).toMatchObject({ delete: 2, update: 0 });
  });

  test("what replaces an account replaces the container in it", () => {
    const report = between(
      { resource: { ...account(), ...container } },
      { resource: { ...account({ is_hns_enabled: true }), ...container } },
    );
    expect(addresses(report)).toEqual([
      "danger replace azurerm_storage_account.Lake",
      "danger replace azurerm_storage_container.Data",
    ]);
    expect(report.changes.map(({ forcedBy }) => forcedBy)).toEqual([["is_hns_enabled"], ["storage_account_id"]]);
  });

  test("what can be changed in place is updated", () => {
    const report = between({ resource: account() }, { resource: account({ min_tls_version: "TLS1_3" }) });
    expect(addresses(report)).toEqual(["change update azurerm_storage_account.Lake"]);
  });

  test("an argument of a block forces a replacement, too", () => {
    const hub = (encoding: string): object => ({
      resource: { azurerm_iothub: { Hub: { name: "hub", endpoint: [{ name: "a" }, { name: "b", encoding }] } } },
    });
    const report = between(hub("Avro"), hub("JSON"));
    expect(report.changes[0]).toMatchObject({ action: "replace", forcedBy: ["endpoint.encoding"] });
  });

  test("whether a changed expression comes to another value is left to the plan", () => {
    const vault = (id: string): object => ({
      resource: { azurerm_key_vault_secret: { S: { name: "s", key_vault_id: id } } },
    });
    const report = between(vault("${azurerm_key_vault.A.id}"), vault("${data.azurerm_key_vault.A.id}"));
    expect(report.changes[0]).toMatchObject({ action: "replace", level: "danger" });
    expect(report.notes[0]).toMatch(/^azurerm_key_vault_secret\.S: replaced if the changed expressions/);
  });

  test("replace_triggered_by replaces with any change of what it names", () => {
    const job = (tag: string): object => ({
      resource: {
        azapi_resource: {
          Job: { type: "Microsoft.X/jobs@1", name: "j", tags: { tag } },
          Input: {
            type: "Microsoft.X/jobs/inputs@1",
            name: "i",
            lifecycle: { replace_triggered_by: ["azapi_resource.Job"] },
          },
        },
      },
    });
    const report = between(job("a"), job("b"));
    expect(find(report, "azapi_resource.Input")).toMatchObject({
      action: "replace",
      reason: "replaced with azapi_resource.Job, which replace_triggered_by names",
    });
  });

  test("what ignore_changes names is no change", () => {
    const one = (tag: string, ignore_changes: unknown): object => ({
      resource: account({ tags: { tag }, lifecycle: { ignore_changes } }),
    });
    expect(between(one("a", ["tags"]), one("b", ["tags"])).verdict).toBe("nothing");
    expect(between(one("a", "all"), one("b", "all")).verdict).toBe("nothing");
    expect(between(one("a", ["name"]), one("b", ["name"])).verdict).toBe("changes");
  });

  test("a moved object is no deletion, and what refers to it is the same", () => {
    const renamed = {
      moved: [{ from: "azurerm_storage_account.Lake", to: "azurerm_storage_account.Store" }],
      resource: {
        azurerm_storage_account: {
          Store: { name: "stlake", location: "westeurope", account_tier: "Standard", min_tls_version: "TLS1_2" },
        },
        azurerm_storage_container: {
          Data: { name: "data", storage_account_id: "${azurerm_storage_account.Store.id}" },
        },
      },
    };
    const report = between({ resource: { ...account(), ...container } }, renamed);
    expect(report.changes).toEqual([
      expect.objectContaining({
        address: "azurerm_storage_account.Store",
        action: "move",
        level: "change",
        previousAddress: "azurerm_storage_account.Lake",
      }),
    ]);
  });

  test("instances move with their resource", () => {
    const many = (name: string): object => ({
      resource: { iothub_device: { [name]: { for_each: { a: {}, b: {} }, device_id: "${each.key}" } } },
    });
    const report = between(many("Old"), {
      ...many("New"),
      moved: [{ from: "iothub_device.Old", to: "iothub_device.New" }],
    });
    expect(addresses(report)).toEqual(['change move iothub_device.New["a"]', 'change move iothub_device.New["b"]']);
  });

  test("an import makes nothing", () => {
    const report = between(
      {},
      { resource: account(), import: [{ to: "azurerm_storage_account.Lake", id: "/subscriptions/x/stlake" }] },
    );
    expect(report.changes[0]).toMatchObject({ action: "import", importId: "/subscriptions/x/stlake" });
  });

  test("an object that a removed block keeps is forgotten, with caution", () => {
    const kept = { removed: [{ from: "azurerm_storage_account.Lake", lifecycle: { destroy: false } }] };
    expect(addresses(between({ resource: account() }, kept))).toEqual(["caution forget azurerm_storage_account.Lake"]);
    const gone = { removed: [{ from: "azurerm_storage_account.Lake", lifecycle: { destroy: true } }] };
    expect(addresses(between({ resource: account() }, gone))).toEqual(["danger delete azurerm_storage_account.Lake"]);
  });

  test("resources whose instances only Terraform knows are shown as one, and a note says so", () => {
    const devices = (status: string): object => ({
      resource: { iothub_device: { D: { for_each: "${data.x.devices.ids}", device_id: "${each.key}", status } } },
    });
    const report = between(devices("enabled"), devices("disabled"));
    expect(addresses(report)).toEqual(["change update iothub_device.D"]);
    expect(report.notes[0]).toMatch(/^iothub_device\.D: how many objects it stands for only Terraform knows/);
  });

  test("instances that one side alone knows are compared as one", () => {
    const devices = (keys: unknown): object => ({
      resource: { iothub_device: { D: { for_each: keys, device_id: "${each.key}" } } },
    });
    const report = between(devices({ a: {} }), devices("${data.x.devices.ids}"));
    expect(report.verdict).toBe("nothing");
    expect(report.notes[0]).toMatch(/only Terraform knows/);
  });

  test("count tells instances apart by number", () => {
    const disks = (count: number): object => ({ resource: { azurerm_managed_disk: { D: { count, name: "disk" } } } });
    expect(addresses(between(disks(3), disks(1)))).toEqual([
      "danger delete azurerm_managed_disk.D[1]",
      "danger delete azurerm_managed_disk.D[2]",
    ]);
  });

  test("a changed local shows where it is used", () => {
    const stack = (owner: string): object => ({
      locals: { owner },
      resource: account({ tags: { owner: "${local.owner}" } }),
    });
    const report = between(stack("a"), stack("b"));
    expect(addresses(report)).toEqual(["change update azurerm_storage_account.Lake"]);
    expect(inWords(find(report, "azurerm"))).toEqual(['tags.owner: "a" → "b"']);
  });

  test("a changed local inside an expression makes its value known after apply", () => {
    const stack = (owner: string): object => ({
      locals: { owner },
      resource: account({ tags: { hash: "${sha256(local.owner)}" } }),
    });
    const report = between(stack("a"), stack("b"));
    expect(find(report, "azurerm_storage_account")).toMatchObject({ action: "update", folded: ["tags.hash"] });
  });

  test("what is known after apply is not shown as an expression where an object is made", () => {
    const devices = {
      iothub_device_twin: { T: { device_id: "${iothub_device.D.device_id}", tags: "${jsonencode({})}" } },
    };
    expect(between({}, { resource: devices }).changes[0]).toMatchObject({ action: "create", details: [] });
  });

  test("a changed local that nothing shows is a change of its own", () => {
    const stack = (owner: string): object => ({ locals: { owner }, resource: account() });
    expect(addresses(between(stack("a"), stack("b")))).toEqual(["change update local.owner"]);
  });

  test("versions, providers, variables, outputs and ephemeral values are compared", () => {
    const stack = (version: string, type: string, retries: number): object => ({
      terraform: {
        required_version: version,
        required_providers: { azurerm: { source: "azurerm", version: "~> 4.55" } },
      },
      provider: { azurerm: [{ features: [{}], storage_use_azuread: retries > 1 }] },
      variable: { owner: { type } },
      output: { hub: { value: `\${azurerm_iothub.Hub.${type}}` } },
      ephemeral: { random_password: { Key: { length: retries } } },
    });
    const report = between(stack(">= 1.11", "string", 1), stack(">= 1.12", "number", 2));
    expect(addresses(report).sort()).toEqual([
      "change update ephemeral.random_password.Key",
      "change update output.hub",
      "change update provider.azurerm",
      "change update terraform",
      "change update var.owner",
    ]);
  });

  test.each([
    [9, 0],
    [10, 1],
  ])("%d objects with the same one difference are %d notes", (count, notes) => {
    const topics = (tag: string): object => ({
      resource: { azurerm_eventgrid_topic: { T: { count, name: "topic", tags: { tag } } } },
    });
    const said = between(topics("a"), topics("b")).notes.filter((note) => note.includes("differ in nothing but"));
    expect(said).toHaveLength(notes);
  });

  test("a data source that reads something else is a note", () => {
    const stack = (name: string): object => ({ data: { azurerm_key_vault: { V: { name } } } });
    const report = between(stack("a"), stack("b"));
    expect(report.changes).toEqual([]);
    expect(report.notes[0]).toBe("data.azurerm_key_vault.V read something else; what refers to that may change.");
  });
});

describe("secrets", () => {
  const secret = (name: string): string => `planted-${name}-0123456789`;
  const stack = (name: string, more: object = {}): object => ({
    terraform: { backend: { azurerm: { container_name: "state", access_key: secret(name) } } },
    provider: { azurerm: [{ features: [{}], client_secret: secret(name) }] },
    variable: {
      open: { type: "string", default: name },
      hidden: { type: "string", sensitive: true, default: secret(name) },
      database_password: { type: "string", default: secret(name) },
    },
    output: { key: { sensitive: true, value: secret(name) }, api_key: { value: secret(name) } },
    locals: { text: `AccountKey=${secret(name)};x` },
    ephemeral: { random_password: { P: { keepers: { token: secret(name) } } } },
    resource: {
      azurerm_mssql_server: { S: { name: "sql", administrator_login_password: secret(name) } },
      azurerm_key_vault_secret: { V: { name: "v", value: secret(name) } },
      azurerm_linux_web_app: {
        A: {
          name: "app",
          app_settings: { DB_PASSWORD: secret(name), URL: `https://a/b?sig=${secret(name)}&x=${name}` },
          connection_string: [{ name: "db", type: "SQLAzure", value: secret(name) }],
          note: "${local.text}",
        },
      },
      azapi_resource: {
        R: {
          type: "Microsoft.X/y@1",
          name: "r",
          body: { properties: { adminPassword: secret(name), nested: JSON.stringify({ password: secret(name) }) } },
          sensitive_body: { properties: { endpointUrl: secret(name) } },
        },
      },
      ...more,
    },
  });

  const shown = (report: Report): string => renderMarkdown(report) + renderJson(report) + renderHtml(report);

  test("none that is changed is shown, and that it changes is", () => {
    const report = between(stack("one"), stack("two"));
    expect(shown(report)).not.toMatch(/planted|0123456789/);
    expect(inWords(find(report, "azurerm_mssql_server"))).toEqual(["administrator_login_password: sensitive, changes"]);
    expect(inWords(find(report, "var.hidden"))).toEqual(["default: sensitive, changes"]);
    expect(inWords(find(report, "output.key"))).toEqual([": sensitive, changes"]);
    expect(inWords(find(report, "var.open"))).toEqual(['default: "one" → "two"']);
  });

  test("none in what is made, deleted or replaced is shown", () => {
    const empty = { resource: {} };
    for (const report of [
      between(empty, stack("one")),
      between(stack("one"), empty),
      between(
        stack("one"),
        stack("one", { azurerm_mssql_server: { S: { name: "b", administrator_login_password: secret("b") } } }),
      ),
      reviewSynth(written({ one: stack("one"), two: stack("two") }), written({ one: stack("one") })),
      reviewSynth(written({ one: stack("one") }), written({ one: stack("one"), two: stack("two") })),
    ]) {
      expect(report.verdict).not.toBe("nothing");
      expect(shown(report)).not.toMatch(/planted|0123456789/);
    }
  });
});

describe("folders", () => {
  test("cdktf.out, its stacks and the folder of one stack say the same", () => {
    const [before, after] = [written({ one: { resource: account() } }), written({ one: { resource: {} } })];
    const inside = ["", "stacks", join("stacks", "one")].map((part) => {
      const { changes, verdict } = reviewSynth(join(before, part), join(after, part));
      return { changes, verdict };
    });
    expect(inside[0]?.verdict).toBe("dangerous");
    expect(inside[1]).toEqual(inside[0]);
    expect(inside[2]).toEqual(inside[0]);
  });

  const file = (name: string, content: string): string => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "one"));
    writeFileSync(join(folder, "one", name), content);
    return folder;
  };

  test.each([
    [
      "there is none",
      () => join(temporaryFolder(), "none"),
      /none: there is no such folder; name what `npm run synth` writes/,
    ],
    ["it is a file", () => join(file("x", ""), "one", "x"), /x: it is a file; name/],
    ["it is empty", temporaryFolder, /: no cdk\.tf\.json is in it or in a folder below; name/],
    ["a stack is HCL", () => file("cdk.tf", "terraform {}"), /: its stacks are HCL; synthesize without --hcl/],
    [
      "a stack is cut off",
      () => file("cdk.tf.json", '{"terraform":{'),
      /one\/cdk\.tf\.json: it is not JSON, or not whole; /,
    ],
    [
      "a stack has blocks of another form",
      () => file("cdk.tf.json", '{"resource":{"a":{"b":[{}]}}}'),
      /its resource blocks are not in the form/,
    ],
    ["a stack is a list", () => file("cdk.tf.json", "[]"), /one\/cdk\.tf\.json: it is no Terraform configuration; /],
    [
      "a stack is something else",
      () => file("cdk.tf.json", "{}"),
      /one\/cdk\.tf\.json: it is no Terraform configuration; /,
    ],
  ])("%s: one line says what is wrong", (_case, folder, message) => {
    const good = written({ one: {} });
    const path = folder();
    for (const run of [() => reviewSynth(path, good), () => reviewSynth(good, path)]) {
      expect(run).toThrow(SynthFolderError);
      expect(run).toThrow(message);
      expect(run).not.toThrow(/\n/);
    }
  });

  test("where a stack comes from is not part of what is compared", () => {
    const copy = temporaryFolder();
    mkdirSync(join(copy, "stacks", "prod"), { recursive: true });
    const path = join("stacks", "prod", "cdk.tf.json");
    copyFileSync(join(base, path), join(copy, path));
    writeFileSync(join(copy, path), readFileSync(join(base, path), "utf8").replaceAll('"prod/', '"elsewhere/'));
    expect(reviewSynth(base, copy).verdict).toBe("nothing");
  });
});

describe("the command", () => {
  let printed = "";
  let complained = "";

  beforeEach(() => {
    printed = "";
    complained = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    jest.spyOn(console, "error").mockImplementation((text: string) => {
      complained += text;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const lake = written({ one: { resource: account() } });
  const tagged = written({ one: { resource: account({ tags: { a: "b" } }) } });
  const empty = written({ one: {} });

  test.each([
    ["nothing", lake, 0, "nothing changes"],
    ["something", tagged, 2, "1 change, no danger found"],
    ["something that holds data", empty, 3, "1 dangerous change of 1"],
  ])("ends by what changes: %s", async (_what, head, status, headline) => {
    expect(await review(["--synth", lake, head])).toBe(status);
    expect(printed).toContain(headline);
  });

  test("writes JSON", async () => {
    await review(["--synth", "--json", lake, empty]);
    expect(JSON.parse(printed)).toMatchObject({ version: 2, from: "synth", verdict: "dangerous" });
  });

  test.each([
    [["--synth", lake], /^--synth takes two folders/],
    [["--synth", lake, join(lake, "none")], /none: there is no such folder; [^\n]*$/],
  ])("%j is refused, and nothing is printed", async (args, says) => {
    expect(await review(args)).toBe(1);
    expect(complained).toMatch(says);
    expect(printed).toBe("");
  });
});
