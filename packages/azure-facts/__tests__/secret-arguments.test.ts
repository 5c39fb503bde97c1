import * as fc from "fast-check";
import { HIDDEN, isSecretPath, withoutSecrets } from "../index";
import { type Argument, PROVIDERS, providerSchema, settableArguments } from "../../../__tests__/support/schemas";

describe("isSecretPath", () => {
  test.each([
    "administrator_login_password",
    "administrator_login_password_wo",
    "authentication.primary_key",
    "client_secret",
    "identity[0].access_token",
    "properties.adminPassword",
    "body.properties.jobStorageAccount.accountKey",
    "sensitive_body.properties.destination.properties.endpointUrl",
    "protected_settings",
    "app_settings.DB_PASSWORD",
    'app_settings["Storage.ConnectionString"]',
    "connection_string[0].value",
    "secret[2].value",
    "aof_storage_connection_string_0",
    "app_settings.ConnectionStrings__Hub",
    'app_settings["ConnectionStrings:Hub"]',
    "env.DB_PASS",
    "env.GITHUB_PAT",
    "env.APIKEY",
    'headers["Ocp-Apim-Subscription-Key"]',
    "passwords",
  ])("%s holds a secret", (path) => {
    expect(isSecretPath(path)).toBe(true);
  });

  test.each([
    "key_vault_id",
    "key_vault_secret_id",
    "token_id",
    "container_registry_token_id",
    "secret_name",
    "password_secret_name",
    "key_type",
    "public_key",
    "admin_ssh_key[0].public_key",
    "partition_key_paths",
    "shared_access_key_enabled",
    "disable_password_authentication",
    "administrator_login_password_wo_version",
    "sensitive_body_version",
    "secret_permissions",
    "token_endpoint",
    "connection_string[0].name",
    "cors.support_credentials",
    "tags.owner",
    "sync_ntlm_passwords",
    "tags.bypass",
    "",
  ])("%s holds none", (path) => {
    expect(isSecretPath(path)).toBe(false);
  });

  test("a name that says nothing is judged by the type that has it", () => {
    expect(isSecretPath("value")).toBe(false);
    expect(isSecretPath("value", "azurerm_app_configuration_key")).toBe(false);
    expect(isSecretPath("value", "azurerm_key_vault_secret")).toBe(true);
  });
});

describe("withoutSecrets", () => {
  const jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "c2lnbmF0dXJl"].join(".");
  const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";

  test.each([
    ["a connection string", "HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=planted=;x", "planted"],
    ["a storage connection string", "AccountName=a;AccountKey=planted==;EndpointSuffix=core.windows.net", "planted"],
    ["an ODBC string", "Server=tcp:s;User ID=u;Password=planted;Encrypt=yes", "planted"],
    ["a signed link", "https://a.blob.core.windows.net/c/b?sv=2023&sig=planted%3D&se=2030", "planted"],
    ["a signed link in JSON", '{"url":"https://a/b?sv=1\\u0026sig=planted"}', "planted"],
    ["a member of JSON", '{"registryCredentials":{"password":"planted"}}', "planted"],
    ["a member of JSON in JSON", '{\\"apiKey\\":\\"planted\\"}', "planted"],
    ["a password in a URL", "postgres://user:planted@db/x", "planted"],
    ["a private key", `before\n${key}\nafter`, "MIIEow"],
    ["a private key without its end", "-----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"],
    ["a JSON web token", `x ${jwt} y`, "c2lnbmF0dXJl"],
    ["a bearer token", "Authorization: Bearer plantedplantedplanted", "planted"],
    ["basic authentication", "Authorization: Basic dTpwbGFudGVkcGxhbnRlZA==", "dTpwbGFud"],
    ["a variable", "image:1 API_KEY=planted", "planted"],
    ["a variable in quotes", "export DB_PASSWORD='planted'", "planted"],
    ["a member of YAML", "user: u\n  clientSecret: planted\n", "planted"],
    ["a quoted member of YAML", '- apiKey: "planted"', "planted"],
    ["an option of a command", "az login --client-secret planted", "planted"],
    ["a GitHub token", `ghp_${"planted".repeat(6)}`, "planted"],
    ["a value of HCL", 'admin_password = "planted"', "planted"],
    ["a value of TOML", "connection_string = 'HostName=h;planted'", "planted"],
    ["a key of a device in TOML", 'device_id_pk = { value = "planted" }', "planted"],
    ["a key in a section of TOML", '[provisioning.attestation.symmetric_key]\nvalue = "planted"', "planted"],
    ["a key of 32 bytes", `identity = "x"\nvalue = "${"planted".repeat(6)}x="`, "planted"],
    ["a text in three quotes", 'client_secret = """\nplanted\n"""', "planted"],
    ["a heredoc", "password = <<EOT\nplanted\nEOT", "planted"],
    ["a value without quotes", "db_password = planted", "planted"],
    ["a block of YAML", "password: |\n  planted\n  planted\nuser: u", "planted"],
    ["a password of a netrc", "machine h login u password planted", "planted"],
    ["a link of a function", "https://f.azurewebsites.net/api/x?code=planted==&a=1", "planted"],
    ["a signed link in a link", "https://x?u=https%3A%2F%2Fa%3Fsig%3Dplanted", "planted"],
    ["a webhook of Slack", "https://hooks.slack.com/services/T000/B000/planted", "planted"],
    ["a webhook of Discord", "https://discord.com/api/webhooks/1234/planted", "planted"],
    ["a webhook of Teams", "https://x.webhook.office.com/webhookb2/planted/IncomingWebhook/planted", "planted"],
    ["a webhook of another chat", "https://chat.example/hooks/plantedplantedplanted", "planted"],
    ["a bot of Telegram", "https://api.telegram.org/bot123:planted/send", "planted"],
    ["a token of Slack", "xoxb-planted-planted", "planted"],
    ["a token of GitLab", `glpat-${"planted".repeat(3)}`, "planted"],
    ["a token of npm", `npm_${"planted".repeat(5)}`, "planted"],
    ["a key of OpenAI", `sk-proj-${"planted".repeat(4)}`, "planted"],
    ["a key of Stripe", `sk_live_${"planted".repeat(4)}`, "planted"],
    ["a key of AWS", "AKIAPLANTEDPLANTED12", "PLANTED"],
    ["a token of Vault", `hvs.${"planted".repeat(4)}`, "planted"],
    ["a key of Google", `AIza${"planted".repeat(5)}`, "planted"],
    ["a secure string of PowerShell", 'ConvertTo-SecureString "planted" -AsPlainText -Force', "planted"],
    [
      "a secure string with its switches first",
      "ConvertTo-SecureString -AsPlainText -Force -String 'planted'",
      "planted",
    ],
    ["a secure string without quotes", "ConvertTo-SecureString planted -AsPlainText -Force", "planted"],
    ["an exported secure string", `01000000d08c9ddf${"ab12".repeat(10)}`, "ab12ab12"],
    ["a variable of PowerShell", "$adminPassword = 'planted'", "planted"],
    ["an attribute of XML", '<user name="u" password="planted" />', "planted"],
    ["a setting of XML", '<add key="ApiKey" value="planted" />', "planted"],
    ["a setting of XML, the other way round", '<add value="planted" name="ApiKey" />', "planted"],
    ["an element of XML", "<Password><Value>planted</Value></Password>", "planted"],
    ["the login of a registry", '{"auths":{"r":{"auth":"planted"}}}', "planted"],
    ["a token of HCP Terraform", `${"a".repeat(14)}.atlasv1.${"planted".repeat(8)}`, "planted"],
    ["a client secret of Entra ID", `abc8Q~${"planted".repeat(4)}abcdef`, "planted"],
    ["a key of a storage account", `${"plantedA".repeat(10)}abcdef==`, "planted"],
  ])("%s is hidden", (_kind, text, secret) => {
    const shown = withoutSecrets(text);
    expect(shown).not.toContain(secret);
    expect(shown).toContain(HIDDEN);
  });

  test.each([
    "Password=${random_password.database.result};Server=s",
    "https://a/b?sig=${data.azurerm_storage_account_sas.x.sas}",
    '{"password":"${azurerm_container_registry_token_password.x.password1[0].value}"}',
    "SELECT * INTO alertOutput FROM sensorInput WHERE token = 'x'",
    "| where token == \"x\" and password <> ''",
    "mcr.microsoft.com/azureiotedge-agent@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "${azurerm_iothub.Hub_C5CB2B3F.hostname}",
    "API_KEY=$API_KEY --password ${var.x} token: |",
    "Basic tier of the registry",
    "sum(token_count) by token: SELECT password FROM x",
    "11111111-1111-4111-8111-111111111111",
    'password = "${random_password.x.result}"',
    "password = var.password",
    'connection_string = "CONNECTION_STRING"',
    "https://learn.microsoft.com/azure/webhooks/overview",
    '<secret name="x" enabled="true"/>',
    'partition_key = "deviceId"',
    "tokens: 5",
    '{"value": "westeurope"}',
  ])("%s stays as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test("what surrounds a secret stays", () => {
    expect(withoutSecrets("HostName=h;SharedAccessKey=abc=;GatewayHostName=g")).toBe(
      `HostName=h;SharedAccessKey=${HIDDEN};GatewayHostName=g`,
    );
  });

  test.each(["\\", "eyJaaaaaaaa-", "--", "_", " ", "password", "eyJaaaaaaaa.", '\\"', "Basic ", "Password=", "\n- "])(
    "a long text of nothing but %j is looked through at once",
    (piece) => {
      const start = performance.now();
      withoutSecrets(piece.repeat(300_000 / piece.length));
      // A tenth of a second where it is looked through once; minutes where each place is looked at from every other.
      expect(performance.now() - start).toBeLessThan(10_000);
    },
  );

  test("a text without secrets does not change by being cleaned again", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "Password=",
        "sig=",
        "&sig=",
        '"token":"',
        ";",
        '"',
        "${",
        "}",
        "eyJ",
        "://",
        "@",
        ":",
        "Bearer ",
        "API_KEY=",
        "password: ",
        "--token ",
        "'",
        "\n",
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = withoutSecrets(pieces.join(""));
        expect(withoutSecrets(once)).toBe(once);
      }),
    );
  });
});

describe("isSecretPath over the schemas of the providers", () => {
  const all = PROVIDERS.flatMap(settableArguments);
  const schemas = PROVIDERS.map(providerSchema);
  const judged = (argument: Argument): boolean => isSecretPath(argument.path, argument.type);
  const isKnown = (name: string): boolean => UNMARKED.has(name) || MISTAKEN.has(name);

  test("every argument of any type that is sensitive or write-only is recognised", () => {
    const hidden = schemas.flatMap(({ hiddenEverywhere }) => hiddenEverywhere);
    expect(hidden.length).toBeGreaterThan(500);
    const missed = hidden.filter((argument) => {
      const [type = "", ...path] = argument.split(".");
      return !isSecretPath(path.join("."), type);
    });
    expect(missed).toEqual([]);
  });

  test("of the others of our types, few are taken for secrets, and most of those are secrets that a provider does not mark", () => {
    const others = all.filter(({ hidden }) => !hidden);
    expect(others.length).toBeGreaterThan(1_000);
    const taken = others.filter(judged);
    expect(taken.length / others.length).toBeLessThan(0.015);
    const names = new Set(taken.map(({ path }) => path.split(".").at(-1) ?? ""));
    expect([...names].filter((name) => !isKnown(name))).toEqual([]);
  });

  test("no name of an argument of any other type is taken for a secret", () => {
    const names = schemas.flatMap(({ shownEverywhere }) => shownEverywhere.flatMap((line) => line.split(" ")));
    expect(names.length).toBeGreaterThan(4_000);
    expect(names.filter((name) => isSecretPath(name) && !isKnown(name))).toEqual([]);
  });
});

/** Secrets that their providers do not mark. */
const UNMARKED = new Set([
  "access_key",
  "admin_password",
  "authorization_key",
  "certificate",
  "certificate_content",
  "client_certificate",
  "client_certificate_password",
  "client_secret",
  "connection_string",
  "cosmosdb_access_key",
  "custom_data",
  "dead_letter_storage_secret",
  "eventgrid_topic_primary_access_key",
  "eventgrid_topic_secondary_access_key",
  "header",
  "host_key",
  "http_trigger_url",
  "oidc_request_token",
  "oidc_token",
  "parameter",
  "query",
  "radius_server_secret",
  "redis_access_key",
  "refresh_token",
  "sas_url",
  "secrets",
  "sensitive_body",
  "shared_key",
  "storage_access_key",
  "storage_account_access_key",
  "storage_account_key",
  "token",
]);

/** Not secret: a switch called `secret`, the name of a credential called `key`. */
const MISTAKEN = new Set(["secret", "key"]);
