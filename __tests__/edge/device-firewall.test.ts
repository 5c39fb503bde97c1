import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FIREWALL_FILES } from "../../edge-manifests/device-firewall";

const fileAt = (path: string): string =>
  `${FIREWALL_FILES.find((file) => file.path === path)?.lines.join("\n") ?? ""}\n`;

test("Docker does not start without the rules, after a restart either", () => {
  const dropIn = fileAt("/etc/systemd/system/docker.service.d/edge-firewall.conf");
  expect(dropIn).toMatch(/^Requires=edge-firewall\.service$/m);
  expect(dropIn).toMatch(/^After=edge-firewall\.service$/m);
  const unit = fileAt("/etc/systemd/system/edge-firewall.service");
  expect(unit).toMatch(/^ExecStart=\/usr\/sbin\/nft -f \/etc\/edge-firewall\.nft$/m);
  // Otherwise the unit would count as stopped when nft ends.
  expect(unit).toMatch(/^RemainAfterExit=yes$/m);
  expect(unit).toMatch(/^WantedBy=multi-user\.target$/m);
});

/** Runs a script in a network of its own, where the machine's rules are not touched. */
const isolated = (script: string): ReturnType<typeof spawnSync> =>
  spawnSync("unshare", ["--net", "--mount", "bash", "-euo", "pipefail", "-c", script], {
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });

const isHere = isolated("nft list ruleset && ip netns list && setpriv --version").status === 0;
const title = "the rules, with namespaces for the machine, a container and Azure's addresses";
(isHere ? describe : describe.skip)(
  isHere ? title : `${title} (skipped: nft, ip or setpriv is not here, or may not be used)`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "firewall-"));
    const rules = join(folder, "rules.nft");
    writeFileSync(rules, fileAt("/etc/edge-firewall.nft"));
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    // What answers for Azure listens on both of its addresses; 203.0.113.1 stands for any other host.
    const server = `
import socket, selectors
selector = selectors.DefaultSelector()
for host, port in [("169.254.169.254", 80), ("168.63.129.16", 80), ("168.63.129.16", 32526), ("168.63.129.16", 53), ("203.0.113.1", 443)]:
    listening = socket.create_server((host, port))
    selector.register(listening, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        key.fileobj.accept()[0].close()
`;
    writeFileSync(join(folder, "server.py"), server);
    // Who connects may not read our folders, so this is a word of bash.
    const connect = `timeout 20 bash -c 'for at in 169.254.169.254/80 168.63.129.16/80 168.63.129.16/32526 168.63.129.16/53 203.0.113.1/443; do
      if (exec 3<>/dev/tcp/$at) 2>/dev/null; then echo -n "yes "; else echo -n "no "; fi; done'`;
    const run = (load: string): Record<string, string> => {
      const { stdout, stderr, status } = isolated(`
        mount -t tmpfs tmpfs /run
        ip netns add azure; ip netns add container
        ip link add azure0 type veth peer name eth0 netns azure
        ip link add docker0 type veth peer name eth0 netns container
        ip link set lo up
        ip addr add 10.0.0.1/24 dev azure0; ip link set azure0 up
        ip addr add 172.18.0.1/24 dev docker0; ip link set docker0 up
        echo 1 >/proc/sys/net/ipv4/ip_forward
        for address in 169.254.169.254 168.63.129.16 203.0.113.1; do
          ip -n azure addr add $address/32 dev eth0
          ip route add $address via 10.0.0.2
        done
        ip -n azure addr add 10.0.0.2/24 dev eth0; ip -n azure link set lo up; ip -n azure link set eth0 up
        ip -n azure route add default via 10.0.0.1
        ip -n container addr add 172.18.0.2/24 dev eth0; ip -n container link set eth0 up
        ip -n container route add default via 172.18.0.1
        ${load}
        coproc SERVER { exec ip netns exec azure python3 '${folder}/server.py'; }
        trap 'kill $SERVER_PID' EXIT
        read -r -t 10 ready <&"\${SERVER[0]}"
        echo "container=$(ip netns exec container ${connect})"
        echo "root=$(${connect})"
        echo "user=$(setpriv --reuid 1000 --regid 1000 --clear-groups ${connect})"
      `);
      if (status !== 0) {
        throw new Error(String(stderr));
      }
      const lines = String(stdout).trim().split("\n");
      return Object.fromEntries(lines.map((line) => line.trim().split("=") as [string, string]));
    };
    test("without them a container reaches everything", () => {
      expect(run("").container).toBe("yes yes yes yes yes");
    });

    test("with them it reaches its name server and others alone, and the machine's root everything", () => {
      // Twice: a service that starts again must not add to what is there.
      const found = run(`nft -c -f '${rules}'; nft -f '${rules}'; nft -f '${rules}'`);
      expect(found.container).toBe("no no no yes yes");
      expect(found.root).toBe("yes yes yes yes yes");
      expect(found.user).toBe("no no no yes yes");
    });
  },
);
