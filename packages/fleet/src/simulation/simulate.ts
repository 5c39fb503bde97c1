import { Allocator } from "./allocation";
import { Crowd } from "./crowd";
import { Devices, NONE, Stage } from "./devices";
import { Hubs, type Refusal } from "./hubs";
import { type HubEvent, Outages } from "./outages";
import { type Random, randomOf } from "./random";
import type { SimulationResult } from "./result";
import { RetrySchedule } from "./retry";
import { RECONNECT_MINUTES, type SimulationSettings } from "./settings";

/** Minutes without any progress after which nobody waits any longer: a day. */
const STUCK_MINUTES = 1_440;

/**
 * Simulates minute by minute how devices register with a Device Provisioning Service and connect to the hubs that it gives them.
 *
 * Within a minute requests are served up to each limit; a device that is refused tries again as its policy says. A device has one
 * hub at a time: the one that the service assigned last.
 */
export function simulate(settings: SimulationSettings): SimulationResult {
  return new Simulation(settings).run();
}

class Simulation {
  private readonly devices: Devices;
  private readonly hubs: Hubs;
  private readonly allocator: Allocator;
  private readonly outages: Outages;
  private readonly random: Random;
  private readonly schedule: RetrySchedule;
  /** Devices that register at the pace to which their backoff has grown. */
  private readonly crowd: Crowd;

  private minute = 0;
  private switchedOn = 0;
  private connectedCount = 0;
  private registrationsLeft = 0;
  private requests = 0;
  private readonly connected: number[] = [];
  private readonly counts = { registrations: 0, refused: 0, throttledConnections: 0, moves: 0, peakRequests: 0 };
  private readonly failed = { slowHub: 0, fullHub: 0, lostHub: 0 };

  public constructor(private readonly settings: SimulationSettings) {
    const { hubs, seed = 1 } = settings;
    this.devices = new Devices(settings.devices);
    this.hubs = new Hubs(hubs);
    this.allocator = new Allocator(settings.allocation, hubs, seed);
    this.outages = new Outages(settings.outages ?? []);
    this.random = randomOf(seed);
    this.schedule = new RetrySchedule(settings.retry, this.random);
    this.crowd = new Crowd(1 / this.schedule.steadyMinutes, this.random);
  }

  public run(): SimulationResult {
    const { devices } = this.settings;
    const patience = STUCK_MINUTES + 4 * Math.ceil(this.schedule.steadyMinutes);
    let connectedAfter: number | undefined;
    let lastProgress = 0;
    for (; ; this.minute += 1) {
      const before = this.connectedCount;
      this.outages.tick(this.minute, connectedAfter !== undefined, (hub, event) => this.happen(hub, event));
      this.passMinute();
      if (this.connectedCount === devices) {
        connectedAfter ??= this.minute + 1;
        this.outages.recovered(this.minute);
      }
      if (this.connectedCount !== before || this.switchedOn < devices) {
        lastProgress = this.minute;
      }
      const isDone = this.connectedCount === devices && this.outages.areOver();
      if (isDone || (this.minute - lastProgress > patience && this.nothingToCome(connectedAfter))) {
        return this.result(connectedAfter);
      }
    }
  }

  private passMinute(): void {
    this.switchOn();
    this.hubs.refill();
    this.registrationsLeft = this.settings.registrationsAMinute;
    this.requests = 0;
    const due = this.devices.takeDue(this.minute);
    const { requests, devices } = this.crowd.requests();
    // The crowd gets its part of what the service accepts; the other devices get what it leaves.
    const forCrowd = Math.floor((this.registrationsLeft * devices) / Math.max(1, devices + due.length));
    this.registrationsLeft -= forCrowd;
    for (const device of due) {
      this.attempt(device);
    }
    this.registrationsLeft += forCrowd;
    // All other requests of the crowd are refused.
    const refused = requests - this.admit(devices);
    this.counts.refused += refused;
    this.requests += refused;
    this.counts.peakRequests = Math.max(this.counts.peakRequests, this.requests);
    this.connected.push(this.connectedCount);
  }

  /**
   * Registers devices of the crowd, as many as the service accepts.
   *
   * @param devices devices that try in this minute
   * @returns how many the service accepted
   */
  private admit(devices: number): number {
    const admitted = Math.min(devices, Math.floor(this.registrationsLeft));
    const taken = Array.from({ length: admitted }, () => this.crowd.take());
    for (const device of taken) {
      this.countSteadyRetries(device);
      this.attempt(device);
    }
    return admitted;
  }

  /** An outage that waits for all devices to be connected never comes where they never are. */
  private nothingToCome(connectedAfter: number | undefined): boolean {
    const { outages = [] } = this.settings;
    const onlyAfter = outages.every(({ from }) => from === "allConnected");
    return this.outages.areOver() || (connectedAfter === undefined && onlyAfter);
  }

  private happen(hub: number, event: HubEvent): number {
    switch (event) {
      case "withdrawn":
        this.allocator.setOpen(hub, false);
        return 0;
      case "back":
        this.allocator.setOpen(hub, true);
        this.hubs.setLost(hub, false);
        this.reconnect(hub);
        return 0;
      case "lost":
        this.hubs.setLost(hub, true);
        return this.disconnect(hub);
    }
  }

  private disconnect(hub: number): number {
    const disconnected = this.devicesOf(hub, Stage.connected);
    for (const device of disconnected) {
      this.startConnecting(device);
      this.devices.schedule(device, this.minute);
    }
    this.connectedCount -= disconnected.length;
    return disconnected.length;
  }

  /** The hub is back: devices that wait for it find that out at their next attempts. */
  private reconnect(hub: number): void {
    for (const device of this.devicesOf(hub, Stage.connecting)) {
      this.countSteadyRetries(device);
      this.devices.schedule(device, this.minute + Math.floor(this.random() * this.schedule.steadyMinutes));
    }
  }

  private devicesOf(hub: number, stage: number): number[] {
    const found = [];
    for (let device = 0; device < this.switchedOn; device += 1) {
      if (this.devices.stage[device] === stage && this.devices.hub[device] === hub) {
        found.push(device);
      }
    }
    return found;
  }

  private switchOn(): void {
    const { devices, powerOnMinutes = 0 } = this.settings;
    const share = powerOnMinutes === 0 ? 1 : Math.min(1, (this.minute + 1) / powerOnMinutes);
    for (const upTo = Math.floor(devices * share); this.switchedOn < upTo; this.switchedOn += 1) {
      this.devices.stage[this.switchedOn] = Stage.registering;
      this.devices.schedule(this.switchedOn, this.minute);
    }
  }

  private startConnecting(device: number): void {
    const { min, max } = RECONNECT_MINUTES;
    this.devices.stage[device] = Stage.connecting;
    this.devices.level[device] = 0;
    this.devices.giveUp[device] = this.minute + min + Math.floor(this.random() * (max - min + 1));
  }

  private attempt(device: number): void {
    const { stage, hub, giveUp } = this.devices;
    if (stage[device] === Stage.connecting && this.hubs.isLost(hub[device]!)) {
      if (giveUp[device]! > this.minute) {
        this.devices.steadySince[device] = this.minute;
        this.devices.schedule(device, giveUp[device]!);
        return;
      }
      this.countSteadyRetries(device);
      stage[device] = Stage.registering;
      this.devices.level[device] = 0;
    }
    if (stage[device] === Stage.registering && !this.register(device)) {
      return;
    }
    this.connect(device);
  }

  /** @returns whether the device has a hub to connect to */
  private register(device: number): boolean {
    this.requests += 1;
    if (this.registrationsLeft < 1) {
      const further = this.failToRegister(device);
      this.counts.refused += 1 + further;
      this.requests += further;
      return false;
    }
    this.registrationsLeft -= 1;
    this.counts.registrations += 1;
    const current = this.devices.hub[device]!;
    const stays = this.settings.reprovision === "never" && current !== NONE;
    const hub = stays ? current : this.allocator.hubOf(device);
    const failure = this.assign(device, hub);
    if (failure !== undefined) {
      this.failed[failure] += 1;
      this.requests += this.failToRegister(device);
      return false;
    }
    this.startConnecting(device);
    return true;
  }

  private assign(device: number, hub: number): Refusal | "lostHub" | undefined {
    const { hub: hubOf, staleOn } = this.devices;
    const current = hubOf[device]!;
    if (hub === NONE || this.hubs.isLost(hub)) {
      return "lostHub";
    }
    if (hub === current) {
      return undefined;
    }
    const refusal = this.hubs.create(hub, staleOn[device] === hub);
    if (refusal !== undefined) {
      return refusal;
    }
    if (staleOn[device] === hub) {
      staleOn[device] = NONE;
    }
    if (current !== NONE) {
      this.counts.moves += 1;
      if (this.hubs.remove(current)) {
        staleOn[device] = current;
      }
    }
    hubOf[device] = hub;
    return undefined;
  }

  private connect(device: number): void {
    if (this.hubs.connect(this.devices.hub[device]!)) {
      this.devices.stage[device] = Stage.connected;
      this.connectedCount += 1;
      return;
    }
    const { attempts, minutes, level } = this.schedule.after(this.devices.level[device]!);
    this.counts.throttledConnections += attempts;
    this.retryLater(device, attempts, minutes, level);
  }

  /** @returns further attempts within this minute */
  private failToRegister(device: number): number {
    const level = this.devices.level[device]!;
    if (this.schedule.isSteady(level)) {
      this.devices.steadySince[device] = this.minute;
      this.crowd.join(device);
      return 0;
    }
    const { attempts, minutes, level: next } = this.schedule.after(level);
    this.retryLater(device, attempts, minutes, next);
    return attempts - 1;
  }

  private retryLater(device: number, attempts: number, minutes: number, level: number): void {
    this.devices.level[device] = Math.min(level, 255);
    this.devices.retries[device]! += attempts;
    this.devices.schedule(device, this.minute + minutes);
  }

  private countSteadyRetries(device: number): void {
    const waited = this.minute - this.devices.steadySince[device]!;
    this.devices.retries[device]! += Math.max(1, Math.round(waited / this.schedule.steadyMinutes));
  }

  private result(connectedAfter: number | undefined): SimulationResult {
    return {
      ...(connectedAfter !== undefined && { connectedAfter }),
      minutes: this.minute + 1,
      connected: Uint32Array.from(this.connected),
      unassigned: this.devices.hub.reduce((count, hub) => (hub === NONE ? count + 1 : count), 0),
      hubs: this.hubs.results(),
      hubOf: this.devices.hub,
      ...this.counts,
      failedAssignments: this.failed,
      retries: this.devices.retriesInAll(),
      outages: this.outages.results(),
    };
  }
}
