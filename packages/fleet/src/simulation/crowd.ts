import type { Random } from "./random";

/**
 * Devices that try again at the same steady pace. They differ in nothing that matters, so a minute costs as much as the devices
 * that get through, however many do not.
 */
export class Crowd {
  private readonly members: number[] = [];
  private attemptsCarried = 0;

  public constructor(
    /** Attempts of each device a minute. */
    private readonly pace: number,
    private readonly random: Random,
  ) {}

  public join(device: number): void {
    this.members.push(device);
  }

  /** Requests that all of them send in this minute, and the devices from which they come. */
  public requests(): { readonly requests: number; readonly devices: number } {
    const exact = this.members.length * this.pace + this.attemptsCarried;
    const requests = Math.floor(exact);
    this.attemptsCarried = exact - requests;
    return { requests, devices: Math.min(requests, this.members.length) };
  }

  /** Any of them, which leaves. */
  public take(): number {
    const position = Math.floor(this.random() * this.members.length);
    const device = this.members[position]!;
    this.members[position] = this.members.at(-1)!;
    this.members.pop();
    return device;
  }
}
