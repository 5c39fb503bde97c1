import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isHere, stackJson } from "../support/pipeline-programs";
import { ScriptFolder } from "../support/stand-ins";

const describeWithJq = isHere("jq") ? describe : describe.skip;
let folder: ScriptFolder;

afterEach(() => {
  folder.remove();
});

describeWithJq("a stack", () => {
  const inspect = (
    changes: Readonly<Record<string, unknown>> = {},
    backend: "azurerm" | "cloud" = "azurerm",
  ): [number | null, string] => {
    folder = new ScriptFolder({});
    const json = JSON.parse(stackJson("azurerm")) as Record<string, unknown>;
    for (const [path, value] of Object.entries(changes)) {
      const keys = path.split(".");
      const last = keys.pop() ?? "";
      const place = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, json);
      place[last] = value;
    }
    const file = folder.write("staging.tf.json", JSON.stringify(json));
    const { status, output } = folder.run(".github/scripts/inspect-stack.sh", [file, backend]);
    return [status, output];
  };

  test.each(["staging", "prod"])("of %s as it is synthesized is what Terraform may run", (name) => {
    folder = new ScriptFolder({});
    const file = folder.write(`${name}.tf.json`, readFileSync(`__tests__/snapshots/${name}.json`, "utf8"));
    expect(folder.run(".github/scripts/inspect-stack.sh", [file, "cloud"])).toEqual({ status: 0, output: "" });
    folder.remove();
    expect(inspect()).toEqual([0, ""]);
  });

  test.each<[string, string, string, unknown]>([
    ["a program as data", "type external", "data.external", { x: { program: ["sh"] } }],
    ["a request", "type http", "data.http", { x: { url: "https://evil.example" } }],
    ["a check that asks", "a check with data", "check", { x: [{ data: { http: { y: {} } } }] }],
    ["another state", "type terraform_remote_state", "data.terraform_remote_state", { x: {} }],
    ["a provisioner", "a provisioner", "resource.terraform_data", { x: { provisioner: [{ "local-exec": {} }] } }],
    ["a provisioner in lists", "a provisioner", "resource.terraform_data", [{ x: [{ provisioner: {} }] }]],
    ["resources as a list", "resource is no object", "resource", [{ null_resource: {} }]],
    ["a module", "block module", "module", { x: { source: "git::https://evil.example" } }],
    ["more than a move", "a block moved", "moved", [{ from: "a.b", to: "a.c", provider: "x" }]],
    ["a move of no text", "a block moved", "moved", [{ from: "a.b", to: { c: 1 } }]],
    [
      "somebody else's provider",
      "provider azurerm from",
      "terraform.required_providers.azurerm.source",
      "evil/azurerm",
    ],
    ["a provider more", "provider null from", "terraform.required_providers.null", { source: "hashicorp/null" }],
    ["a host for tokens", "argument oidc_request_url", "provider.azurerm.0.oidc_request_url", "https://evil.example"],
    ["a host for Azure", "argument metadata_host", "provider.azurerm.0.metadata_host", "evil.example"],
    ["a host for hubs", "hostname evil.example", "provider.iothub.0.hostname", "evil.example"],
    ["a state elsewhere", "the backend is http", "terraform.backend", { http: { address: "https://evil.example" } }],
    ["a state at another host", "argument endpoint", "terraform.backend.azurerm.endpoint", "https://evil.example"],
    ["a file of the runner", "reads files", "output.x", { value: '${file("/proc/self/environ")}' }],
    ["a file, hidden", "reads files", "output.x", { value: '${try(filebase64 /* ( */ ("/x"), 1)}' }],
    [
      "a path of the runner",
      "the path /proc/self/environ",
      "resource.azurerm_storage_blob",
      { x: { source: "/proc/self/environ" } },
    ],
    ["a template of a file", "reads files", "locals.x", '%{ if true }${templatefile("/x", {})}%{ endif }'],
  ])("with %s is refused before Terraform runs", (_what, message, path, value) => {
    const [status, output] = inspect({ [path]: value });
    expect(output).toContain(message);
    expect(status).toBe(1);
  });

  test("with a key twice is what was inspected", () => {
    folder = new ScriptFolder({});
    const twice = stackJson("azurerm").replace("{", '{"data":{"external":{"x":{"program":["sh"]}}},');
    expect(twice.match(/"data":\{/g)?.length).toBeGreaterThan(1);
    folder.write("synthesized/staging.tf.json", twice);
    const sums = `${createHash("sha256").update(twice).digest("hex")}  staging.tf.json\n`;
    folder.write("synthesized/SHA256SUMS", sums);
    const sha256 = createHash("sha256").update(sums).digest("hex");
    const args = ["synthesized", sha256, "staging", "azurerm"];
    expect(folder.run(".github/scripts/receive.sh", args)).toEqual({ status: 0, output: "" });
    const taken = folder.read("cdktf.out/stacks/staging/cdk.tf.json") ?? "";
    expect(taken).not.toContain("external");
    expect(JSON.parse(taken)).toEqual(JSON.parse(stackJson("azurerm")));
  });

  test("of another backend than the configuration says is refused", () => {
    expect(inspect({}, "cloud")[1]).toContain("the backend is azurerm, not cloud");
  });
});
