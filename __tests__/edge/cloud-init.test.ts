import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { layersOf } from "../../edge-manifests/layers";
import { at } from "../support/synth";
import { cloudInit, configToml, setupCommands } from "../../edge-manifests/device-config";
import { storageCommands, storageMegabytes } from "../../edge-manifests/host-storage";

const STORAGE = "/var/lib/edge-storage";
const text = cloudInit({
  vaultUri: "https://kv.example/",
  secretName: "device-x",
  identityClientId: "client-7",
  storageFolder: STORAGE,
  configToml: configToml({
    id: "x",
    hubHostname: "hub.example",
    runtime: "1.6.1",
    storageFolder: STORAGE,
    signIn: { kind: "symmetricKeys", vaultUri: "https://kv.example/", secretName: "device-x" },
  }),
});

interface CloudConfig {
  readonly write_files: readonly { readonly path: string; readonly permissions: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
}
// Cloud-init reads YAML 1.1.
const cloudConfig = parse(text, { version: "1.1" }) as CloudConfig;

/** A file that cloud-init would write. */
const fileAt = (path: string): string => cloudConfig.write_files.find((file) => file.path === path)?.content ?? "";

test("it writes each file once, and starts its service without waiting for it", () => {
  const paths = cloudConfig.write_files.map(({ path, permissions }) => `${permissions} ${path}`);
  expect(paths.sort()).toEqual([
    "0644 /etc/aziot/config.template.toml",
    "0644 /etc/edge-firewall.nft",
    "0644 /etc/systemd/system/docker.service.d/edge-firewall.conf",
    "0644 /etc/systemd/system/edge-firewall.service",
    "0644 /etc/systemd/system/edge-setup.service",
    "0700 /usr/local/sbin/edge-setup",
  ]);
  expect(cloudConfig.runcmd).toEqual([
    ["systemctl", "daemon-reload"],
    ["systemctl", "enable", "--now", "--no-block", "edge-setup.service"],
  ]);
});

const isHere = ["bash", "python3"].every((program) => spawnSync(program, ["--version"]).status === 0);

test("Terraform finds nothing to run in it", () => {
  expect(text).not.toMatch(/[$%]\{/);
});

test("its service tries again until it has succeeded", () => {
  const unit = fileAt("/etc/systemd/system/edge-setup.service");
  expect(unit).toContain("ExecStart=/usr/local/sbin/edge-setup");
  expect(unit).toContain("Restart=on-failure");
});

/** Runs the script with stand-ins for the network, the runtime and the file system's root. */
class Machine {
  public readonly folder = mkdtempSync(join(tmpdir(), "machine-"));

  public constructor() {
    mkdirSync(join(this.folder, "bin"));
    mkdirSync(join(this.folder, "aziot"));
    writeFileSync(join(this.folder, "aziot", "config.template.toml"), fileAt("/etc/aziot/config.template.toml"));
    this.program(
      "curl",
      `case "$*" in
        *169.254.169.254*) echo "$*" >>'${this.folder}/calls'; echo '{"access_token":"token-1"}';;
        *) [ -e '${this.folder}/vault-down' ] && exit 22
           cat "$(echo "$*" | sed 's/.*--config \\([^ ]*\\).*/\\1/')" >>'${this.folder}/calls'; cat '${this.folder}/secret.json';;
      esac`,
    );
    // Without the owners, which only root may give.
    this.program(
      "install",
      `echo "install $*" >>'${this.folder}/calls'; exec /usr/bin/install $(echo "$*" | sed -E 's/-[og] [^ ]+//g')`,
    );
    this.program("systemctl", `echo "systemctl $*" >>'${this.folder}/calls'; [ ! -e '${this.folder}/firewall-fails' ]`);
    this.program("nft", "");
    this.program("iotedge", `echo "iotedge $*" >>'${this.folder}/calls'; [ ! -e '${this.folder}/apply-fails' ]`);
    this.secret("HostName=h;DeviceId=x;SharedAccessKey=a+b/c=");
  }

  public get config(): string {
    return join(this.folder, "aziot", "config.toml");
  }

  public get calls(): string {
    return readFileSync(join(this.folder, "calls"), "utf8");
  }

  public secret(value: string): void {
    writeFileSync(join(this.folder, "secret.json"), JSON.stringify({ value }));
  }

  public flag(name: string, on: boolean): void {
    if (on) {
      writeFileSync(join(this.folder, name), "");
    } else {
      rmSync(join(this.folder, name));
    }
  }

  public start(): number | null {
    const script = fileAt("/usr/local/sbin/edge-setup")
      .replaceAll("/etc/aziot", join(this.folder, "aziot"))
      .replaceAll(STORAGE, join(this.folder, "storage"));
    const env = { ...process.env, PATH: `${join(this.folder, "bin")}:${process.env.PATH ?? ""}`, TMPDIR: this.folder };
    return spawnSync("bash", ["-c", script], { env, stdio: "ignore" }).status;
  }

  public applied(): number {
    return this.calls.split("iotedge config apply").length - 1;
  }

  private program(name: string, body: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/bash\n${body}\n`);
    chmodSync(path, 0o700);
  }
}

const title = "the machine's first start";
(isHere ? describe : describe.skip)(isHere ? title : `${title} (skipped: bash or python3 is not here)`, () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => {
    rmSync(machine.folder, { recursive: true });
  });

  test("puts the connection string where nobody but root reads it, and applies it", () => {
    expect(machine.start()).toBe(0);
    expect(readFileSync(machine.config, "utf8")).toContain(
      'connection_string = "HostName=h;DeviceId=x;SharedAccessKey=a+b/c="',
    );
    expect(statSync(machine.config).mode & 0o777).toBe(0o600);
    expect(machine.applied()).toBe(1);
  });

  test("asks with its own identity, and hands the token over in a file", () => {
    machine.start();
    expect(machine.calls).toContain("client_id=client-7");
    expect(machine.calls).toContain('header = "Authorization: Bearer token-1"');
  });

  test("applies nothing twice, and a new key at the next start", () => {
    machine.start();
    machine.start();
    expect(machine.applied()).toBe(1);
    machine.secret("HostName=h;DeviceId=x;SharedAccessKey=new");
    machine.start();
    expect(machine.applied()).toBe(2);
  });

  test("fails where the vault does not answer, and leaves nothing behind", () => {
    machine.flag("vault-down", true);
    expect(machine.start()).not.toBe(0);
    expect(existsSync(machine.config)).toBe(false);
    machine.flag("vault-down", false);
    expect(machine.start()).toBe(0);
  });

  test("tries again what was not applied", () => {
    machine.flag("apply-fails", true);
    expect(machine.start()).not.toBe(0);
    machine.flag("apply-fails", false);
    expect(machine.start()).toBe(0);
    expect(machine.applied()).toBe(2);
  });

  test("keeps containers from the metadata service before anything can run them, or does nothing", () => {
    machine.flag("firewall-fails", true);
    expect(machine.start()).not.toBe(0);
    expect(machine.calls).toBe("systemctl enable --now edge-firewall.service\n");
    machine.flag("firewall-fails", false);
    expect(machine.start()).toBe(0);
    const script = fileAt("/usr/local/sbin/edge-setup");
    expect(script.indexOf("edge-firewall.service")).toBeLessThan(script.indexOf("moby-engine"));
  });

  test("makes the storage of agent and hub for their users before it applies anything", () => {
    machine.start();
    const calls = machine.calls.replaceAll(machine.folder, "").split("\n");
    const storage = calls.filter((call) => call.startsWith("install -d"));
    expect(storage).toEqual([
      "install -d -m 0755 /storage",
      "install -d -o 13622 -g root -m 0700 /storage/edgeAgent",
      "install -d -o 13623 -g root -m 0700 /storage/edgeHub",
    ]);
    expect(calls.indexOf(storage[2] ?? "")).toBeLessThan(calls.indexOf("iotedge config apply"));
  });
});

describe("the agent's first start", () => {
  const script = "import json,sys,tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))";
  const read = spawnSync("python3", ["-c", script], {
    input: fileAt("/etc/aziot/config.template.toml"),
    encoding: "utf8",
  });
  const hasToml = !read.stderr.includes("No module named");
  const name = "has the same storage and rights as by the deployment";
  (hasToml ? test : test.skip)(hasToml ? name : `${name} (skipped: this Python reads no TOML)`, () => {
    expect(read.stderr).toBe("");
    const { $edgeAgent } = layersOf({ runtime: "1.6.1", timeToLiveSeconds: 1, telemetryToCloud: false }).base ?? {};
    const deployed = at($edgeAgent?.["properties.desired"], "systemModules.edgeAgent") as {
      env: Record<string, { value: string }>;
      settings: { image: string; createOptions: string };
    };
    const { LogConfig, ...host } = (
      JSON.parse(deployed.settings.createOptions) as { HostConfig: Record<string, unknown> }
    ).HostConfig;
    expect(LogConfig).toBeDefined();
    expect((JSON.parse(read.stdout) as { agent: unknown }).agent).toEqual({
      name: "edgeAgent",
      type: "docker",
      env: { storageFolder: deployed.env.storageFolder?.value },
      config: { image: deployed.settings.image, createOptions: { HostConfig: host } },
    });
  });
});

const isRoot = process.getuid?.() === 0;
const rootTitle = "storage on a host";
(isRoot ? test : test.skip)(isRoot ? rootTitle : `${rootTitle} (skipped: not root)`, () => {
  const folder = join(mkdtempSync(join(tmpdir(), "storage-")), "edge");
  for (const command of [...storageCommands(folder), ...storageCommands(folder)]) {
    expect(spawnSync("sh", ["-c", command]).status).toBe(0);
  }
  const found = ["edgeAgent", "edgeHub"].map((module) => statSync(join(folder, module)));
  expect(found.map(({ uid, mode }) => [uid, mode & 0o777])).toEqual([
    [13_622, 0o700],
    [13_623, 0o700],
  ]);
  rmSync(join(folder, ".."), { recursive: true });
});

test.each([
  [0, 1, 512],
  [7200, 1, 542],
  [86_400, 1, 866],
  [2_592_000, 1, 11_129],
  [2_592_000, 1 / 5, 2_636],
])("messages of %d s at %d a second take %d MB", (seconds, rate, expected) => {
  expect(storageMegabytes(seconds, rate)).toBe(expected);
});

test("a host of its own gets the storage and is told how much must be free", () => {
  const signIn = { kind: "certificate" } as const;
  const device = { id: "x", hubHostname: "h", runtime: "1.6.1", storageFolder: "/srv/edge", signIn };
  const commands = setupCommands(device, { timeToLiveSeconds: 86_400, messagesPerSecond: 1 });
  expect(commands).toEqual(expect.arrayContaining(storageCommands("/srv/edge").map((command) => `sudo ${command}`)));
  expect(commands.join("\n")).toContain("866 MB");
  expect(commands.findIndex((command) => command.includes("/srv/edge"))).toBeLessThan(
    commands.indexOf("sudo iotedge config apply"),
  );
});
