import { type MockRequest, MockSystem, type Reply } from "./mock-system";

const PATH = "/api/data/v9.2/msdyn_workorders";
const COMPLETED = 690_970_003;

/** The Dataverse Web API with an alternate key on work orders: a PATCH by the key updates or inserts, as its conditions allow. */
export class MockDynamics extends MockSystem {
  public referenceOf(episodeId: string): string {
    return episodeId;
  }

  protected reply({ method, url, headers, body }: MockRequest): Reply {
    if (headers.authorization !== `Bearer ${this.token}`) return { status: 401 };
    const path = decodeURIComponent(url.pathname);
    if (method === "GET" && path === PATH) {
      const [, key] = /^plant_episode eq '(.*)'$/.exec(url.searchParams.get("$filter") ?? "") ?? [];
      const value = this.orders
        .filter(({ reference }) => reference === key)
        .map(({ id, status }) => ({
          msdyn_workorderid: id,
          msdyn_systemstatus: status === "completed" ? COMPLETED : 690_970_000,
        }));
      return key === undefined ? { status: 400 } : { status: 200, body: { value } };
    }
    const [, key] = /^\/api\/data\/v9\.2\/msdyn_workorders\(plant_episode='(.*)'\)$/.exec(path) ?? [];
    if (method !== "PATCH" || key === undefined) return { status: 404 };
    if (this.refused.has(key)) return { status: 400, body: { error: { message: "unknown equipment" } } };
    const order = this.orders.find(({ reference }) => reference === key);
    if (order === undefined) {
      if (headers["if-match"] === "*") return { status: 404 };
      if (body["msdyn_serviceaccount@odata.bind"] === undefined) return { status: 400 };
      this.create(key, body);
      return { status: 204 };
    }
    if (headers["if-none-match"] === "*") return { status: 412 };
    order.status = body.msdyn_systemstatus === COMPLETED ? "completed" : "open";
    return { status: 204 };
  }
}
