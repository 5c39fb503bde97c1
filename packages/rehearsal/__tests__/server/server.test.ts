import { createServer, request, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { ACTIONS } from "../../src/events";
import { type PageServer, startServer } from "../../src/server";
import { compilePage } from "./compiled-page";
import { DESCRIPTION, ScriptedSource } from "./scripted-source";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("the server of the page", () => {
  const page = compilePage();
  let source: ScriptedSource;
  let server: PageServer;

  beforeEach(async () => {
    source = new ScriptedSource();
    server = await startServer({ source, description: DESCRIPTION, pageFolder: page.folder, port: 0 });
  });
  afterEach(() => server.close());
  afterAll(page.remove);

  function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: server.port, method, path, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  const json = { "Content-Type": "application/json" };
  const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    ask("POST", "/actions", { ...json, ...headers }, typeof body === "string" ? body : JSON.stringify(body));

  it("serves the page with a policy that allows its own files only", async () => {
    const { status, headers, body } = await ask("GET", "/");
    expect(status).toBe(200);
    expect(body).toContain('<script type="module" src="/page.js">');
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
  });

  it.each(["/page.js", "/page.css", "/icon.svg"])("serves %s, which asks for no other origin", async (path) => {
    const { status, body } = await ask("GET", path);
    expect(status).toBe(200);
    expect(body.length).toBeGreaterThan(100);
    expect(body.replaceAll("http://www.w3.org/", "").match(/(src|href|import|url)\W{0,4}https?:/g)).toBeNull();
  });

  it.each([
    ["GET", "/nowhere", 404],
    ["GET", "/../package.json", 404],
    ["GET", "/%2e%2e/package.json", 404],
    ["GET", "/toString", 404],
    ["DELETE", "/", 405],
    ["POST", "/events", 405],
    ["GET", "/actions", 405],
  ])("answers %s %s with %i", async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    if (status === 405) {
      expect(answer.headers.allow).toMatch(/^(GET|POST)/);
    }
  });

  it.each(["factory.example", "127.0.0.1.example", "localhost.example:80", "10.0.0.1", "localhost@evil.example"])(
    "refuses the host %j, whose name may have been bound to this machine",
    async (host) => {
      expect((await ask("GET", "/", { Host: host })).status).toBe(403);
      expect((await post({ action: "spike" }, { Host: host })).status).toBe(403);
      expect(source.actions).toEqual([]);
    },
  );

  it.each(["localhost", "LOCALHOST:9000", "127.0.0.1:1"])(
    "answers to the host %s, as a tunnel sends it",
    async (host) => {
      expect((await ask("GET", "/", { Host: host })).status).toBe(200);
    },
  );

  it.each([
    ["Origin", "http://factory.example"],
    ["Origin", "null"],
    ["Origin", "http://127.0.0.1:1"],
    ["Sec-Fetch-Site", "cross-site"],
    ["Sec-Fetch-Site", "same-site"],
  ])("refuses an action from another page: %s %s", async (name, value) => {
    expect((await post({ action: "spike" }, { [name]: value })).status).toBe(403);
    expect(source.actions).toEqual([]);
  });

  it("takes actions of its own page and of programs on this machine", async () => {
    const origin = `http://127.0.0.1:${server.port}`;
    expect((await post({ action: "spike", machineId: "press-02" }, { Origin: origin })).status).toBe(202);
    expect((await post({ action: "cutCloud" })).status).toBe(202);
    expect(source.actions).toEqual([{ action: "spike", machineId: "press-02" }, { action: "cutCloud" }]);
  });

  it("names all that is wrong with an action, and what is allowed", async () => {
    const answer = await post({ action: "explode", machineId: "nowhere", force: true });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(answer.body) as { error: string };
    expect(error.split("\n")).toEqual([
      `action: "explode"; allowed: ${ACTIONS.join(", ")}`,
      'machineId: "nowhere"; allowed: a machine of this rehearsal',
      "force: not known; allowed: action, machineId",
    ]);
    expect(source.actions).toEqual([]);
  });

  it.each([
    ["", 400],
    ["{", 400],
    ["null", 400],
    ["[]", 400],
    ["{}", 400],
    ['{"action":"toString"}', 400],
    ['{"action":["spike"]}', 400],
    ['{"action":"spike","machineId":7}', 400],
    [`{"action":"${"x".repeat(5000)}"}`, 413],
  ])("refuses the body %.20j with %i", async (body, status) => {
    expect((await post(body)).status).toBe(status);
    expect(source.actions).toEqual([]);
  });

  it("refuses a form", async () => {
    expect((await ask("POST", "/actions", { "Content-Type": "text/plain" }, '{"action":"spike"}')).status).toBe(415);
  });

  it("says why an action failed", async () => {
    const answer = await post({ action: "killHub" });
    expect([answer.status, answer.body]).toEqual([409, '{"error":"the hub of this script cannot be killed"}']);
  });

  it("knows machines from their readings", async () => {
    const listeners = new Set<(event: Parameters<Parameters<ScriptedSource["subscribe"]>[0]>[0]) => void>();
    const other = await startServer({
      source: {
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        act: () => undefined,
      },
      description: { ...DESCRIPTION, machines: [] },
      pageFolder: page.folder,
      port: 0,
    });
    const act = (): Promise<Response> =>
      fetch(`${other.url}actions`, { method: "POST", headers: json, body: '{"action":"spike","machineId":"late"}' });
    expect((await act()).status).toBe(400);
    listeners.forEach((listen) => {
      listen({ kind: "reading", time: 1, machineId: "late", signals: {} });
    });
    expect((await act()).status).toBe(202);
    await other.close();
    expect(listeners.size).toBe(0);
  });

  it("listens on loopback only", async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of addresses) {
      await expect(
        new Promise((resolve, reject) =>
          connect(server.port, address, () => {
            resolve("connected");
          }).on("error", reject),
        ),
      ).rejects.toThrow("ECONNREFUSED");
    }
    expect(new URL(server.url).hostname).toBe("127.0.0.1");
  });

  it("takes the next free port and says so", async () => {
    const taken: Server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const second = await startServer({ source, description: DESCRIPTION, pageFolder: page.folder, port });
    expect(second.requestedPort).toBe(port);
    expect(second.port).toBeGreaterThan(port);
    expect((await fetch(second.url)).status).toBe(200);
    await second.close();
    taken.close();
  });

  it("names the command where the page is not compiled", async () => {
    await expect(startServer({ source, description: DESCRIPTION, pageFolder: "/nowhere", port: 0 })).rejects.toThrow(
      "compile the page: node packages/rehearsal/build-page.mjs",
    );
  });
});
