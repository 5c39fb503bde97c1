import { createHash } from "node:crypto";
import { isObject, RemoteError } from "@edge-anomaly-detection/common";
import type { MaintenanceEvent } from "./event";
import { Session, type SessionOptions, type SystemRequest } from "./http";
import { isRequest, longText, type MaintenanceSystem, propertyOf, type WorkOrder } from "./system";

/** How SAP S/4HANA is reached, and what its notifications need. */
export interface SapOptions extends SessionOptions {
  /** Address of the system: `https://HOST`, or `https://HOST:PORT`. */
  readonly url: string;
  /** Client; sent as `sap-client`. @default - the system's own */
  readonly client?: string;
  /** Notification type, 2 characters. @default "M1" */
  readonly notificationType?: string;
  /** What `equipment` of a machine names. @default "equipment" */
  readonly technicalObject?: "equipment" | "functionalLocation";
}

const SERVICE = "/sap/opu/odata/sap/API_MAINTNOTIFICATION";
const OBJECT_TYPES = { equipment: "EAMS_EQUI", functionalLocation: "EAMS_FL" } as const;
/** `NotifProcessingPhase` of what is completed. */
const COMPLETED = "4";
/** Characters that SAP takes in `NotificationText` and `MaintNotifLongTextForEdit`. */
const MAX = { text: 40, longText: 1333 } as const;

interface Notification extends WorkOrder {
  readonly etag: string | undefined;
}

/** `MaintNotifExtReferenceNumber` of an episode: 20 characters, upper case, by which its notification is found again. */
export const referenceOf = (episodeId: string): string =>
  createHash("sha256").update(episodeId).digest("hex").slice(0, 20).toUpperCase();

/**
 * Maintenance notifications of SAP S/4HANA by the OData service API_MAINTNOTIFICATION. A changing request needs a token against forgery that
 * belongs to a session: it is fetched once, and again when the system asks for it, which is how an ended session shows. SAP knows no
 * key of the caller's: the notification is looked up by its external reference before it is created.
 *
 * No priority is sent: SAP would compute the dates from it and overwrite those that were asked for (help.sap.com, Maintenance
 * Notification API). It stands in the long text.
 */
export class SapNotifications implements MaintenanceSystem {
  private readonly session: Session;
  private csrf: { readonly token: string; readonly cookies: string } | undefined;

  public constructor(private readonly options: SapOptions) {
    this.session = new Session(options);
  }

  public async find(episodeId: string): Promise<WorkOrder | undefined> {
    return this.notification(episodeId);
  }

  public async submit(event: MaintenanceEvent): Promise<void> {
    if (isRequest(event)) {
      await this.change({ method: "POST", url: this.address("/MaintenanceNotification"), body: this.body(event) });
      return;
    }
    const found = await this.notification(event.data.WorkAlert.ID);
    if (found === undefined) {
      throw new RemoteError(
        `${this.options.url} has no notification of episode ${event.data.WorkAlert.ID}`,
        "try again",
        404,
      );
    }
    if (found.isCompleted) {
      return;
    }
    const url = this.address("/CompleteMaintNotification");
    url.searchParams.set("MaintenanceNotification", `'${found.id}'`);
    url.searchParams.set("MaintNotifReferenceDateTime", `datetimeoffset'${event.time}'`);
    // Somebody may have changed it meanwhile: 412, and the next delivery reads it anew.
    await this.change({ method: "POST", url, headers: { "If-Match": found.etag ?? "*" } });
  }

  private async notification(episodeId: string): Promise<Notification | undefined> {
    const url = this.address("/MaintenanceNotification");
    url.searchParams.set("$filter", `MaintNotifExtReferenceNumber eq '${referenceOf(episodeId)}'`);
    url.searchParams.set("$select", "MaintenanceNotification,NotifProcessingPhase");
    url.searchParams.set("$format", "json");
    const answer = await this.session.request({ method: "GET", url });
    const body: unknown = await answer.json().catch(() => undefined);
    const results = isObject(body) && isObject(body.d) ? body.d.results : undefined;
    if (!Array.isArray(results)) {
      throw new RemoteError(
        `${url.host}${url.pathname} answered no list of notifications`,
        "check the system's address",
      );
    }
    const [found] = (results as unknown[]).filter(isObject);
    if (found === undefined) {
      return undefined;
    }
    const etag = isObject(found.__metadata) ? found.__metadata.etag : undefined;
    return {
      id: String(found.MaintenanceNotification),
      isCompleted: found.NotifProcessingPhase === COMPLETED,
      etag: typeof etag === "string" ? etag : undefined,
    };
  }

  private body(event: MaintenanceEvent): Readonly<Record<string, unknown>> {
    const { notificationType = "M1", technicalObject = "equipment" } = this.options;
    const plant = propertyOf(event, "PlanningPlant");
    const workCentre = propertyOf(event, "WorkCentre");
    const from = moment(propertyOf(event, "RequestedStart"));
    const to = moment(propertyOf(event, "RequestedEnd"));
    return {
      NotificationType: notificationType,
      NotificationText: event.data.WorkAlert.Description.slice(0, MAX.text),
      MaintNotifLongTextForEdit: longText(event).slice(0, MAX.longText),
      MaintNotifExtReferenceNumber: referenceOf(event.data.WorkAlert.ID),
      TechnicalObject: propertyOf(event, "Equipment"),
      TechObjIsEquipOrFuncnlLoc: OBJECT_TYPES[technicalObject],
      ...(plant !== "" && { MaintenancePlanningPlant: plant }),
      ...(workCentre !== "" && { MainWorkCenter: workCentre, MainWorkCenterPlant: plant }),
      RequiredStartDate: from.date,
      RequiredStartTime: from.time,
      RequiredEndDate: to.date,
      RequiredEndTime: to.time,
    };
  }

  /** A changing request: with the session's token, and with a new one where the system says that it has ended. */
  private async change(request: SystemRequest): Promise<void> {
    for (const isRepeated of [false, true]) {
      this.csrf ??= await this.fetchToken();
      const { token, cookies } = this.csrf;
      const answer = await this.session.request({
        ...request,
        headers: { ...request.headers, "X-CSRF-Token": token, ...(cookies !== "" && { Cookie: cookies }) },
        accepts: isRepeated ? [] : [403],
      });
      if (answer.ok) {
        return;
      }
      this.csrf = undefined;
      if (answer.headers.get("x-csrf-token")?.toLowerCase() !== "required") {
        throw new RemoteError(
          `${request.method} ${request.url.host}${request.url.pathname} was refused with status 403`,
          "the user needs rights for maintenance notifications",
          403,
        );
      }
    }
  }

  private async fetchToken(): Promise<{ readonly token: string; readonly cookies: string }> {
    const url = this.address("/");
    const answer = await this.session.request({ method: "GET", url, headers: { "X-CSRF-Token": "Fetch" } });
    const token = answer.headers.get("x-csrf-token");
    if (token === null) {
      throw new RemoteError(`${url.host}${url.pathname} gave no CSRF token`, "check that the service is active");
    }
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0] ?? "");
    return { token, cookies: cookies.join("; ") };
  }

  private address(path: string): URL {
    const url = new URL(`${this.options.url.replace(/\/$/, "")}${SERVICE}${path}`);
    if (this.options.client !== undefined) {
      url.searchParams.set("sap-client", this.options.client);
    }
    return url;
  }
}

/** A time as OData V2 writes it in JSON: the day in milliseconds, the time of day as a duration; both UTC. */
function moment(iso: string): { readonly date: string; readonly time: string } {
  const time = new Date(iso);
  const day = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
  const two = (value: number): string => String(value).padStart(2, "0");
  return {
    date: `/Date(${day})/`,
    time: `PT${two(time.getUTCHours())}H${two(time.getUTCMinutes())}M${two(time.getUTCSeconds())}S`,
  };
}
