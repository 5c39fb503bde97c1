import { visible } from "@edge-anomaly-detection/common";
import { isObject, property } from "../json-values";
import { shortened, show } from "../show-values";

/** Longest address that is shown. */
const MAX_ADDRESS = 400;

/** Takes what is sensitive out of a text. */
export type Clean = (text: string) => string;

/** A text of one line, such as an address, as it is shown. */
export const shownAddress = (address: string): string => visible(shortened(address, MAX_ADDRESS));

/** What is imported: its id, or its identity by parts. */
export function importIdOf(importing: unknown, clean: Clean): string | undefined {
  const id = property(importing, "id");
  if (typeof id === "string" && id !== "") {
    return shownAddress(clean(id));
  }
  const identity = property(importing, "identity");
  if (isObject(identity)) {
    const parts = Object.entries(identity).filter(([, value]) => value !== null);
    return shownAddress(
      parts
        .map(([name, value]) => `${clean(name)} = ${show(typeof value === "string" ? clean(value) : value)}`)
        .join(", "),
    );
  }
  return property(importing, "unknown") === true ? "(known after apply)" : undefined;
}
