import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Nothing outside this machine can connect. */
export const LOOPBACK = "127.0.0.1";

/** Ports tried one after the other. */
const TRIES = 50;

/**
 * Listens on the port, or the next free one.
 * @param port - 0 for any
 * @returns the port it listens on
 * @throws where none of 50 is free
 */
export async function listen(server: Server, port: number): Promise<number> {
  for (let tried = port; tried < port + TRIES && tried <= 65_535; tried++) {
    if (await tryListen(server, tried)) {
      return (server.address() as AddressInfo).port;
    }
  }
  throw new Error(`ports ${port} to ${Math.min(port + TRIES - 1, 65_535)} are taken; choose another one`);
}

function tryListen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off("listening", onListening);
      if (error.code === "EADDRINUSE" || error.code === "EACCES") {
        resolve(false);
      } else {
        reject(error);
      }
    };
    const onListening = (): void => {
      server.off("error", onError);
      resolve(true);
    };
    server.once("error", onError).once("listening", onListening).listen(port, LOOPBACK);
  });
}
