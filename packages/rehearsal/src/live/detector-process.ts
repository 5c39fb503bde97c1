import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { connectionString, type Credentials } from "../edge-hub/credentials";
import type { DeployedModule } from "../edge-hub/deployment";
import { RESTART_MS } from "./hub-process";

export interface DetectorProcessOptions {
  /** The compiled module, `dist/src/main.js`. */
  readonly program: string;
  readonly module: string;
  readonly deployed: DeployedModule;
  readonly deviceId: string;
  readonly port: number;
  readonly credentials: Credentials;
  /** Folder of its state, its log and the certificate that it trusts. */
  readonly folder: string;
  /** File of that certificate. */
  readonly certificateFile: string;
}

/** The module must not outlive a rehearsal that was itself killed: the channel between them ends then. */
const EXIT_WITH_PARENT = `data:text/javascript,${encodeURIComponent(
  'process.on("disconnect", () => process.exit()); process.channel?.unref();',
)}`;

/** The ML module as a process of its own, started again when it ends, with its state. */
export class DetectorProcess {
  private child: ChildProcess | undefined;
  private isStopping = false;

  public constructor(private readonly options: DetectorProcessOptions) {}

  public get isRunning(): boolean {
    const { exitCode, signalCode } = this.child ?? { exitCode: 0, signalCode: null };
    return exitCode === null && signalCode === null;
  }

  public start(): void {
    const { program, module, deployed, deviceId, port, credentials, folder, certificateFile } = this.options;
    const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, program], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env.PATH,
        NODE_ENV: "production",
        ...deployed.env,
        EdgeHubConnectionString: connectionString({ deviceId, module }, port, credentials.accessKey),
        EdgeModuleCACertificateFile: certificateFile,
        IOTEDGE_DEVICEID: deviceId,
        IOTEDGE_MODULEID: module,
        DATA_DIRECTORY: join(folder, "state"),
        // Any free one: nobody scrapes a rehearsal.
        PORT: "0",
      },
    });
    this.child = child;
    const log = createWriteStream(join(folder, "detector.log"), { flags: "a" });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.on("error", () => undefined);
    child.on("close", () => {
      log.end();
      if (this.isStopping) return;
      setTimeout(() => {
        if (!this.isStopping) this.start();
      }, RESTART_MS);
    });
  }

  /** Ends it at once, as a crash would; it is started again. */
  public kill(): void {
    this.child?.kill("SIGKILL");
  }

  public async stop(): Promise<void> {
    this.isStopping = true;
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(timer);
  }
}
