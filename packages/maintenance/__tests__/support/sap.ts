import { referenceOf } from "../../src/sap";
import { type MockRequest, MockSystem, type Reply } from "./mock-system";

const SERVICE = "/sap/opu/odata/sap/API_MAINTNOTIFICATION";

/** SAP's API_MAINTNOTIFICATION: sessions with tokens against forgery, ETags, and a notification for every creation. */
export class MockSap extends MockSystem {
  /** Whether somebody changes a notification between being read and being completed. */
  public changes = 0;
  private readonly versions = new Map<string, number>();

  public referenceOf(episodeId: string): string {
    return referenceOf(episodeId);
  }

  protected reply({ method, url, headers, body }: MockRequest): Reply {
    if (headers.authorization !== `Basic ${Buffer.from("planner:secret").toString("base64")}`) return { status: 401 };
    if (url.searchParams.get("sap-client") !== "100") return { status: 404 };
    const path = url.pathname.slice(SERVICE.length);
    if (method === "GET") {
      return path === "/" && headers["x-csrf-token"] === "Fetch"
        ? {
            status: 200,
            body: { d: { EntitySets: ["MaintenanceNotification"] } },
            headers: {
              "x-csrf-token": `csrf-${this.session}`,
              "set-cookie": `SAP_SESSIONID=${this.session}; path=/; secure`,
            },
          }
        : this.list(path, url);
    }
    if (headers["x-csrf-token"] !== `csrf-${this.session}` || headers.cookie !== `SAP_SESSIONID=${this.session}`) {
      return { status: 403, headers: { "x-csrf-token": "Required" } };
    }
    return path === "/MaintenanceNotification" ? this.insert(body) : this.complete(path, url, headers["if-match"]);
  }

  private list(path: string, url: URL): Reply {
    const [, reference] =
      /^MaintNotifExtReferenceNumber eq '([0-9A-F]{20})'$/.exec(url.searchParams.get("$filter") ?? "") ?? [];
    if (path !== "/MaintenanceNotification" || reference === undefined) return { status: 400 };
    const results = this.orders
      .filter((order) => order.reference === reference)
      .map(({ id, status }) => ({
        __metadata: { etag: this.etagOf(id) },
        MaintenanceNotification: id,
        NotifProcessingPhase: status === "completed" ? "4" : "1",
      }));
    return { status: 200, body: { d: { results } } };
  }

  private insert(body: MockRequest["body"]): Reply {
    const { MaintNotifExtReferenceNumber: reference, NotificationText: text, TechnicalObject: machine } = body;
    const tooLong =
      String(text).length > 40 ||
      String(body.MaintNotifLongTextForEdit).length > 1333 ||
      String(reference).length > 20 ||
      !/^\/Date\(\d+\)\/$/.test(String(body.RequiredStartDate)) ||
      !/^PT\d\dH\d\dM\d\dS$/.test(String(body.RequiredStartTime));
    if (tooLong || "MaintPriority" in body || this.refused.has(String(reference)) || machine === "") {
      return { status: 400, body: { error: { code: "IM/100", message: { value: "unknown equipment" } } } };
    }
    const { id } = this.create(String(reference), body);
    return { status: 201, body: { d: { MaintenanceNotification: id } } };
  }

  private complete(path: string, url: URL, ifMatch: string | undefined): Reply {
    const id = /^'(.*)'$/.exec(url.searchParams.get("MaintenanceNotification") ?? "")?.[1] ?? "";
    const order = this.orders.find((one) => one.id === id);
    if (path !== "/CompleteMaintNotification" || order === undefined) return { status: 404 };
    if (this.changes > 0) {
      this.changes -= 1;
      this.versions.set(id, (this.versions.get(id) ?? 0) + 1);
    }
    if (ifMatch !== this.etagOf(id)) return { status: ifMatch === undefined ? 428 : 412 };
    if (order.status === "completed") return { status: 400, body: { error: { code: "IM/200" } } };
    order.status = "completed";
    return { status: 200, body: { d: {} } };
  }

  private etagOf(id: string): string {
    return `W/"${id}-${this.versions.get(id) ?? 0}"`;
  }
}
