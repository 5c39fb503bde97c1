import { isObject, RemoteError } from "@edge-anomaly-detection/common";
import type { MaintenanceEvent } from "./event";
import { Session, type SessionOptions } from "./http";
import { isRequest, longText, type MaintenanceSystem, propertyOf, type WorkOrder } from "./system";

/** How Dynamics 365 Field Service is reached, and what its work orders need. */
export interface DynamicsOptions extends SessionOptions {
  /** Address of the environment: `https://ORGANIZATION.crm4.dynamics.com`. */
  readonly url: string;
  /** Text column of `msdyn_workorder` with an alternate key of its own, which takes the episode's id. */
  readonly keyColumn: string;
  /** Id of the account that work is done for: `msdyn_serviceaccount`. */
  readonly serviceAccount: string;
  /** Id of the work order type. @default - the environment's own */
  readonly workOrderType?: string;
  /** Id of the price list. @default - the environment's own */
  readonly priceList?: string;
}

/** `msdyn_systemstatus` (learn.microsoft.com/dynamics365/developer/reference/entities/msdyn_workorder). */
const STATUS = {
  unscheduled: 690_970_000,
  completed: 690_970_003,
  posted: 690_970_004,
  canceled: 690_970_005,
} as const;
const OVER: readonly unknown[] = [STATUS.completed, STATUS.posted, STATUS.canceled];

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ODATA = { "OData-MaxVersion": "4.0", "OData-Version": "4.0" };

/** Longest `msdyn_workordersummary` that is sent. */
const MAX_SUMMARY = 2000;

/**
 * Work orders of Dynamics 365 Field Service by the Dataverse Web API. The alternate key makes them exactly one for each episode, whoever
 * asks and however often: they are created by an upsert that only inserts (`If-None-Match: *`) and completed by one that only updates
 * (`If-Match: *`, learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api).
 */
export class DynamicsFieldService implements MaintenanceSystem {
  private readonly session: Session;

  public constructor(private readonly options: DynamicsOptions) {
    this.session = new Session(options);
  }

  public async find(episodeId: string): Promise<WorkOrder | undefined> {
    const url = this.address("msdyn_workorders");
    // A filter, because a missing record and a missing key answer the same status.
    url.searchParams.set("$select", "msdyn_workorderid,msdyn_systemstatus");
    url.searchParams.set("$filter", `${this.options.keyColumn} eq ${literal(episodeId)}`);
    const answer = await this.session.request({ method: "GET", url, headers: ODATA });
    const body: unknown = await answer.json().catch(() => undefined);
    if (!isObject(body) || !Array.isArray(body.value)) {
      throw new RemoteError(`${url.host} answered no list of work orders`, "check the address of the environment");
    }
    const [order] = (body.value as unknown[]).filter(isObject);
    return order === undefined
      ? undefined
      : { id: String(order.msdyn_workorderid), isCompleted: OVER.includes(order.msdyn_systemstatus) };
  }

  public async submit(event: MaintenanceEvent): Promise<void> {
    const isNew = isRequest(event);
    const key = `${this.options.keyColumn}=${encodeURIComponent(literal(event.data.WorkAlert.ID))}`;
    await this.session.request({
      method: "PATCH",
      url: this.address(`msdyn_workorders(${key})`),
      headers: { ...ODATA, ...(isNew ? { "If-None-Match": "*" } : { "If-Match": "*" }) },
      body: isNew ? this.order(event) : { msdyn_systemstatus: STATUS.completed },
      isRepeatable: true,
      // Somebody was faster: the order is there.
      accepts: isNew ? [412] : [],
    });
  }

  private order(event: MaintenanceEvent): Readonly<Record<string, unknown>> {
    const { serviceAccount, workOrderType, priceList } = this.options;
    const equipment = propertyOf(event, "Equipment");
    return {
      msdyn_systemstatus: STATUS.unscheduled,
      msdyn_workordersummary: `${event.data.WorkAlert.Description}\n${longText(event)}`.slice(0, MAX_SUMMARY),
      msdyn_timefrompromised: propertyOf(event, "RequestedStart"),
      msdyn_timetopromised: propertyOf(event, "RequestedEnd"),
      "msdyn_serviceaccount@odata.bind": `/accounts(${serviceAccount})`,
      ...(workOrderType !== undefined && {
        "msdyn_workordertype@odata.bind": `/msdyn_workordertypes(${workOrderType})`,
      }),
      ...(priceList !== undefined && { "msdyn_pricelist@odata.bind": `/pricelevels(${priceList})` }),
      ...(GUID.test(equipment) && { "msdyn_customerasset@odata.bind": `/msdyn_customerassets(${equipment})` }),
    };
  }

  private address(path: string): URL {
    return new URL(`${this.options.url.replace(/\/$/, "")}/api/data/v9.2/${path}`);
  }
}

/** A text in an OData expression. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
