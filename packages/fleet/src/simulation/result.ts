/** What a hub has at the end. */
export interface HubResult {
  /** Devices that are assigned to it. */
  readonly devices: number;
  /** Identities of devices that have moved on while it could not be reached, so that nobody removed theirs. */
  readonly stale: number;
}

/** What an outage did. */
export interface OutageResult {
  /** Index of the hub. */
  readonly hub: number;
  /** Minute in which it began. */
  readonly from: number;
  /** Devices that lost their connection. */
  readonly disconnected: number;
  /** Minutes from its begin until every device was connected again; undefined where that was never so. */
  readonly recoveredAfter?: number;
}

/** What came of a simulation. */
export interface SimulationResult {
  /** Minutes until every device was connected for the first time; undefined where some never were. */
  readonly connectedAfter?: number;
  /** Minutes that were simulated. */
  readonly minutes: number;
  /** Devices that are connected at the end of each minute. */
  readonly connected: Uint32Array;
  /** Devices without a hub at the end, because none takes them. */
  readonly unassigned: number;
  readonly hubs: readonly HubResult[];
  /** Index of the hub that each device has at the end; 65,535 for none. */
  readonly hubOf: Uint16Array;
  /** Registrations that the service accepted, and bills. */
  readonly registrations: number;
  /** Registrations that it refused with 429. */
  readonly refused: number;
  /** Accepted registrations that led to no hub, by reason. */
  readonly failedAssignments: {
    /** The hub creates identities more slowly than the service registers. */
    readonly slowHub: number;
    /** The hub takes no more devices. */
    readonly fullHub: number;
    /** The hub could not be reached, or no hub takes part in allocation. */
    readonly lostHub: number;
  };
  /** Connections that a hub refused because too many devices connected at once. */
  readonly throttledConnections: number;
  /** Devices that were given another hub than the one that they had. */
  readonly moves: number;
  /** Attempts of a device after its first one, over all devices. */
  readonly retries: { readonly mean: number; readonly max: number };
  /** Most requests to register in one minute, those refused included. */
  readonly peakRequests: number;
  readonly outages: readonly OutageResult[];
}
