import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RehearsalEvent } from "../events";
import type { RehearsalInput } from "../input";
import { Collector } from "../replay/collector";
import { liveReportHtml } from "../report/live-html";
import type { LiveSummary } from "./summary";

/** Writes what a live rehearsal leaves behind: verdicts.ndjson while it runs, report.html and summary.json in the end. */
export class LiveRecord {
  private readonly verdicts: WriteStream;
  private readonly collector: Collector;
  private writing = Promise.resolve();

  /** @param folder is there already */
  public constructor(
    input: RehearsalInput,
    private readonly folder: string,
  ) {
    this.verdicts = createWriteStream(join(folder, "verdicts.ndjson"));
    this.collector = new Collector(input, input.sensor.intervalSeconds, { verdicts: this.verdicts });
  }

  public take(event: RehearsalEvent): void {
    this.collector.take(event);
    if (event.kind === "alert") this.writing = this.writing.then(() => this.collector.flush());
  }

  public async finish(summary: LiveSummary): Promise<void> {
    await this.writing;
    this.verdicts.end();
    await once(this.verdicts, "close");
    await writeFile(join(this.folder, "summary.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
    await writeFile(join(this.folder, "report.html"), liveReportHtml(summary, this.collector.result()));
  }
}
