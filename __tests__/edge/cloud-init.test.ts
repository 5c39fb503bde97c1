import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudInit, configToml } from "../../edge-manifests/device-config";

const text = cloudInit({
  vaultUri: "https://kv.example/",
  secretName: "device-x",
  identityClientId: "client-7",
  configToml: configToml({
    id: "x",
    hubHostname: "hub.example",
    runtime: "1.6.1",
    signIn: { kind: "symmetricKeys", vaultUri: "https://kv.example/", secretName: "device-x" },
  }),
});

/** A file that cloud-init would write. */
function fileAt(path: string): string {
  const block = text.split(`  - path: ${path}\n`)[1]?.split("    content: |\n")[1] ?? "";
  const lines = block.split("\n");
  const end = lines.findIndex((line) => line !== "" && !line.startsWith("      "));
  return `${lines
    .slice(0, end)
    .map((line) => line.slice(6))
    .join("\n")}\n`;
}

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
      .replaceAll("-o root -g root ", "");
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
});
