import type { MaintenanceEvent } from "./event";

/** An order or notification of a maintenance system that came from here. */
export interface WorkOrder {
  /** Id in the system. */
  readonly id: string;
  readonly isCompleted: boolean;
}

/** A system that plans maintenance. Each call may fail with `RemoteError`, and may then have had its effect all the same. */
export interface MaintenanceSystem {
  /** The order of an episode; undefined where there is none. */
  find(episodeId: string): Promise<WorkOrder | undefined>;
  /** Asks for what the event says: a new order, or the end of the one that `find` has found. */
  submit(event: MaintenanceEvent): Promise<void>;
}

/**
 * Several systems as one, for an episode whose machine has moved from one to another: an order that exists in any of them is the
 * episode's, and is completed there; a new one is made in the first.
 */
export class SystemsInOrder implements MaintenanceSystem {
  private holder: MaintenanceSystem;

  public constructor(private readonly systems: readonly [MaintenanceSystem, ...MaintenanceSystem[]]) {
    [this.holder] = systems;
  }

  public async find(episodeId: string): Promise<WorkOrder | undefined> {
    for (const system of this.systems) {
      const order = await system.find(episodeId);
      if (order !== undefined) {
        this.holder = system;
        return order;
      }
    }
    [this.holder] = this.systems;
    return undefined;
  }

  public submit(event: MaintenanceEvent): Promise<void> {
    return this.holder.submit(event);
  }
}

/** Value of a work alert's property; empty where it has none of that name. */
export function propertyOf({ data }: MaintenanceEvent, name: string): string {
  return data.WorkAlert.WorkAlertProperty.find(({ ID }) => ID === name)?.Value ?? "";
}

/** Whether an event asks for a new order. */
export const isRequest = ({ type }: MaintenanceEvent): boolean => type.includes(".requested.");

/** What people read in an order: why, when and how it came about. */
export function longText(event: MaintenanceEvent): string {
  const { MessageText, Priority } = event.data.WorkAlert;
  return [
    MessageText,
    `Requested from ${propertyOf(event, "RequestedStart")} to ${propertyOf(event, "RequestedEnd")}, priority ${Priority}.`,
    propertyOf(event, "Explanation"),
    `Signal ${propertyOf(event, "Signal")}, severity ${propertyOf(event, "Severity")}, device ${propertyOf(event, "Device")}.`,
    `Episode ${event.data.WorkAlert.ID}.`,
  ].join("\n");
}
