import { checkDeployments, describeFinding, type ManifestFinding } from "../src/manifest-checker";
import { contentOf, moduleOf, type Parts } from "./manifests";

const check = (document: object): ManifestFinding[] => checkDeployments([document as Record<string, unknown>]).flat();
const found = (parts: Parts, root = "modulesContent"): string[] =>
  check({ [root]: contentOf(parts) }).map(({ severity, rule }) => `${severity} ${rule}`);
const route = (value: unknown, hub: object = {}): string[] => found({ routes: { r: value }, hub });

test("nothing is found where nothing is wrong", () => {
  expect(found({})).toEqual([]);
});

describe("routes", () => {
  test.each([
    "FROM /messages/modules/M/outputs/* WHERE alert = ' INTO ' INTO $upstream",
    "SELECT * FROM /messages/* WHERE(alert = 'x')INTO BrokeredEndpoint('modules/m/inputs/i')",
    "FROM /messages/* WHERE NOT IS_DEFINED($connectionModuleId) INTO $UpStream",
    { route: "FROM /messages/* INTO $upstream", priority: 0, timeToLiveSecs: 60 },
    { route: "FROM /messages/* INTO $upstream", priority: 2_000_000_000 },
  ])("%j is fine", (value) => {
    expect(route(value)).toEqual([]);
  });

  test.each<[unknown, string]>([
    ["FROM /messages/* WHERE a == 'b' INTO $upstream", "error route-text"],
    ["FROM /messages/* WHERE a = 'b' && c = 'd' INTO $upstream", "error route-text"],
    ["FROM /messages/* WHERE INTO $upstream", "error route-text"],
    ["", "error route-text"],
    ["FROM /messages/* WHERE temperature > 20 INTO $upstream", "error route-condition"],
    ["FROM /messages/* WHERE nothing(a) INTO $upstream", "error route-condition"],
    ["FROM /messages/* WHERE a INTO $upstream", "warning route-never"],
    ["FROM /messages/modules/*/outputs/a INTO $upstream", "error route-source"],
    ["FROM /messages/modules/m/a INTO $upstream", "error route-source"],
    ["FROM /devices/* INTO $upstream", "warning route-source"],
    ["FROM /messages/modules/ghost/* INTO $upstream", "warning route-source-module"],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/ghost/inputs/a")', "error route-sink-module"],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/M/inputs/a")', "warning route-sink-module"],
    ["FROM /messages/* INTO $upstream, FROM /* INTO $upstream", "warning route-text"],
    ["FROM /messages/* INTO $upstream ; a", "warning route-text"],
    ["FROM /messages/* WHERE a == 'b' INTO $UPSTREAM", "error route-text"],
    [{ route: "FROM /messages/* INTO $upstream", ttl: 1 }, "error route-form"],
    [{ route: "FROM /messages/* INTO $upstream", _comment: "why" }, "warning route-form"],
  ])("%j: %s", (value, expected) => {
    expect(route(value)).toEqual([expected]);
  });

  test("objects need hub schema 1.1, empty ones are skipped below it", () => {
    const hub = { schemaVersion: "1.0" };
    expect(route({ route: "FROM /* INTO $upstream" }, hub)).toEqual(["warning schema-version", "error route-form"]);
    expect(route("", hub)).toEqual(["warning schema-version", "warning route-text"]);
    const layer = {
      modulesContent: { $edgeHub: { "properties.desired.routes.r": { route: "FROM /* INTO $upstream" } } },
    };
    const together = checkDeployments([{ modulesContent: contentOf({ hub }) }, layer]);
    expect(together[1]?.map(({ rule }) => rule)).toEqual(["route-form"]);
  });

  test("the place is under a caret", () => {
    const [first] = check({ modulesContent: contentOf({ routes: { r: "FROM /* WHERE a == 'b' INTO $upstream" } }) });
    expect(first?.excerpt).toEqual(["FROM /* WHERE a == 'b' INTO $upstream", `${" ".repeat(17)}^`]);
    const long = `FROM /* WHERE ${"a = 'b' AND ".repeat(50)}a == 'b' INTO $upstream`;
    const [second] = check({ modulesContent: contentOf({ routes: { r: long } }) });
    expect(second?.excerpt?.[0]?.[second.excerpt[1]?.indexOf("^") ?? 0]).toBe("=");
    expect(second?.excerpt?.[0]?.length).toBeLessThan(110);
  });
});

describe("modules", () => {
  const module = (more: object, settings: object = {}, image = "cr.example/m:1.0.0"): string[] =>
    found({ modules: { m: moduleOf(image, more, settings) } });

  test.each<[string, string[]]>([
    ["cr.example/m", ["warning image-tag"]],
    ["cr.example/m:latest", ["warning image-tag"]],
    ["cr.example/m:1.2", ["warning image-rolling-tag"]],
    ["cr.example/M:1.0.0", ["error image"]],
    ["cr.example/m:", ["error image"]],
    ["$upstream/m:1.0.0", ["error image"]],
    ["$upstream:443/m:1.0.0", []],
    [" ", ["error image"]],
  ])("the image %j", (image, expected) => {
    expect(module({}, {}, image)).toEqual(expected);
  });

  test("settings that nobody reads", () => {
    expect(module({}, { imagePullPolicy: "never" })).toEqual(["error module-settings"]);
    expect(module({}, { createOption: "{}" })).toEqual(["error module-settings"]);
    expect(module({}, { _comment: "why" })).toEqual(["warning module-settings"]);
    expect(module({}, { digest: "sha256:ab" })).toEqual([]);
  });

  test("policies, as devices and Azure's schema take them", () => {
    expect(module({ restartPolicy: "Always" })).toEqual(["warning module-policy"]);
    expect(module({ restartPolicy: undefined })).toEqual(["warning module-policy"]);
    expect(module({ status: undefined })).toEqual(["error module-policy"]);
    expect(module({ imagePullPolicy: "always" })).toEqual(["error module-policy"]);
    expect(module({ startuporder: 1 })).toEqual(["warning module-form"]);
  });

  test("variables", () => {
    expect(module({ env: { A: { value: "x" }, B: { value: 1 }, C: { value: true }, D: {} } })).toEqual([
      "warning variable-form",
    ]);
    expect(module({ env: { A: "x" } })).toEqual(["error variable-form"]);
  });

  test.each([
    '{"HostConfig":{}}',
    '{"Env":["A=1\n2"]}',
    "",
    " ",
    "null",
    "{'HostConfig':{}}",
    '{"a":1,}',
    '{"a":"${B}","c":${D}}',
  ])("createOptions of %j are fine", (createOptions) => {
    expect(module({}, { createOptions })).toEqual([]);
  });

  test.each(["[]", "{", "1"])("createOptions of %j are not", (createOptions) => {
    expect(module({}, { createOptions })).toEqual(["error create-options-json"]);
  });

  test("those that may do without messages need no route", () => {
    const modules = {
      metrics: moduleOf("mcr.microsoft.com/azureiotedge-metrics-collector:1.3.1"),
      methods: moduleOf("cr.example/direct-methods:1.0.0"),
    };
    expect(found({ modules, routes: {} })).toEqual([]);
  });
});

describe("agent and hub", () => {
  test.each<[string, Parts, string[]]>([
    [
      "endless time-to-live",
      { hub: { storeAndForwardConfiguration: { timeToLiveSecs: -1 } } },
      ["warning time-to-live"],
    ],
    ["none", { hub: { storeAndForwardConfiguration: undefined } }, ["error time-to-live"]],
    ["as text", { hub: { storeAndForwardConfiguration: { timeToLiveSecs: "7200" } } }, ["warning time-to-live"]],
    ["mqttBroker at 1.1", { hub: { mqttBroker: {} } }, ["warning unknown-property"]],
    ["mqttBroker at 1.2", { hub: { schemaVersion: "1.2", mqttBroker: {} } }, ["warning schema-version"]],
    [
      "integrity at 1.3",
      { hub: { schemaVersion: "1.3", mqttBroker: {}, integrity: {} }, agent: { integrity: {} } },
      ["warning schema-version"],
    ],
    ["agent at 1.2", { agent: { schemaVersion: "1.2" } }, ["error schema-version"]],
    ["hub at 1.4", { hub: { schemaVersion: "1.4" } }, ["error schema-version"]],
    [
      "no password",
      { runtime: { registryCredentials: { a: { address: "a", username: "u" } } } },
      ["error registry-credentials"],
    ],
    [
      "a blank one",
      { runtime: { registryCredentials: { a: { address: "a", username: "u", password: " " } } } },
      ["error registry-credentials"],
    ],
    [
      "an address with a scheme",
      { runtime: { registryCredentials: { a: { address: "https://a", username: "u", password: "p" } } } },
      ["warning registry-credentials"],
    ],
    ["no minDockerVersion", { runtime: { minDockerVersion: undefined } }, ["warning runtime"]],
    ["an unknown property", { hub: { route: {} } }, ["error unknown-property"]],
  ])("%s", (_what, parts, expected) => {
    expect(found(parts)).toEqual(expected);
  });

  test("credentials of a layer, whose values are never shown", () => {
    const path = "properties.desired.runtime.settings.registryCredentials.a";
    const layer = {
      modulesContent: { $edgeAgent: { [path]: { address: "a", username: "u", password: "", x: "hunter2" } } },
    };
    const findings = check(layer);
    expect(findings.map(({ rule }) => rule)).toContain("registry-credentials");
    expect(findings.map(describeFinding).join("\n")).not.toContain("hunter2");
  });

  test("the preview's name for the content", () => {
    expect(found({}, "moduleContent")).toEqual(["warning legacy-content"]);
  });
});

describe("twins", () => {
  const twin = (value: unknown): string[] => found({ twins: { m: { "properties.desired": { value } } } });

  test.each<[unknown, string[]]>([
    [2 ** 52 - 1, []],
    [-(2 ** 52), []],
    [2 ** 52, ["error number-range"]],
    [-(2 ** 52) - 1, ["error number-range"]],
    [[{ a: 1e18 }], ["error number-range"]],
    [Number.POSITIVE_INFINITY, ["error number-range"]],
    [0.1, []],
  ])("the number %j", (value, expected) => {
    expect(twin(value)).toEqual(expected);
  });

  test("settings for a module that is not deployed", () => {
    expect(found({ twins: { ghost: { "properties.desired": { a: 1 } } } })).toEqual(["warning twin-without-module"]);
    expect(found({ twins: { ghost: { "properties.desired": {} } } })).toEqual([]);
  });
});

describe("templates", () => {
  const objects = { HostConfig: { Binds: ["runtime:/data"], PortBindings: { "443/tcp": [{ HostPort: "443" }] } } };

  test("may have objects as createOptions and places everywhere", () => {
    const modules = {
      a: moduleOf("${MODULES.a}", {}, { createOptions: objects }),
      b: moduleOf("$CONTAINER_REGISTRY_ADDRESS/b:2.0"),
      c: moduleOf("${MODULEDIR<../c>.debug}"),
      d: moduleOf("<Container_Registry>/d:<Build.BuildNumber>-linux-<Architecture>"),
      e: moduleOf("{{registry}}/e:#{tag}#", {
        status: "${STATUS}",
        env: { A: { value: "$B" } },
        startupOrder: "__ORDER__",
      }),
    };
    const routes = {
      r: "$EDGEHUB_ROUTE",
      s: 'FROM /messages/modules/${MODULE}/outputs/a INTO BrokeredEndpoint("/modules/%MODULE%/inputs/b")',
    };
    const credential = { address: "${A}", username: "$USER_NAME", password: "__PASSWORD__" };
    const parts = {
      modules,
      routes,
      agent: { schemaVersion: "${V}" },
      hub: { schemaVersion: "${V}", storeAndForwardConfiguration: { timeToLiveSecs: "${TTL}" } },
      runtime: { registryCredentials: { $CONTAINER_REGISTRY_USERNAME: credential } },
      createOptions: objects,
    };
    expect(found(parts)).toEqual([]);
    expect(check({ "$schema-template": "4.0.0", modulesContent: contentOf(parts) })).toEqual([]);
  });

  test("and deployments may not have objects", () => {
    expect(found({ createOptions: objects })).toEqual(["error create-options-form", "error create-options-form"]);
    expect(check({ "$schema-template": "4.0.0", modulesContent: contentOf({ createOptions: objects }) })).toEqual([]);
  });

  test("of layers may have the agent's modules in one place", () => {
    const layer = {
      $edgeAgent: { "properties.desired": { modules: { a: moduleOf("${MODULES.a}", {}, { createOptions: {} }) } } },
      $edgeHub: { "properties.desired.routes.up": "FROM /messages/modules/a/* INTO $upstream" },
    };
    expect(check({ content: { modulesContent: layer } }).map(({ rule }) => rule)).toEqual(["layer-without-base"]);
  });
});

describe("layers", () => {
  test("may set a twin alone, or bring the hub's whole properties", () => {
    expect(check({ modulesContent: { m: { "properties.desired.a": 1 } } }).map(({ severity }) => severity)).toEqual([
      "warning",
      "warning",
    ]);
    const mixed = {
      $edgeAgent: { "properties.desired.modules.a": moduleOf("cr.example/a:1.0.0") },
      $edgeHub: (contentOf({ routes: { r: "FROM /messages/modules/a/* INTO $upstream" } }) as Record<string, object>)
        .$edgeHub,
    };
    expect(check({ modulesContent: mixed }).map(({ rule }) => rule)).toEqual(["layer-without-base"]);
  });
});

test.each([" ", 'tags.environment = "dev"'])("the target condition %j is unwise", (targetCondition) => {
  const document = { id: "a", priority: 1, targetCondition, content: { modulesContent: contentOf() } };
  expect(check(document).map(({ severity, rule }) => [severity, rule])).toEqual([["warning", "target-condition"]]);
});

test("names cannot pass for anything else", () => {
  const forged = 'x"\n1 file: 0 errors\n::error::\u001b[31m\u202e##[error]##vso[task.complete]';
  const parts = {
    modules: { [forged]: moduleOf(forged, { [forged]: forged, env: { [forged]: forged } }, { [forged]: 1 }) },
    routes: {
      [forged]: `FROM /messages/modules/a INTO ${forged}`,
      b: { route: "FROM /* INTO $upstream", [forged]: 1 },
    },
    hub: { [forged]: 1 },
    twins: { [forged]: { "properties.desired": { [forged]: 1 }, [forged]: 1 } },
  };
  const lines = check({ modulesContent: contentOf(parts), id: forged, targetCondition: forged }).flatMap((finding) => [
    describeFinding(finding),
    ...(finding.excerpt ?? []),
  ]);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    expect(line).not.toMatch(/[\u0000-\u001f\u007f\u202e]|##\[|##vso|^\s*::/);
  }
});
