/** Addresses that a note names. */
const MAX_NAMED = 5;

/** Some addresses, and how many more there are. */
export function addressesInWords(addresses: readonly string[]): string {
  const named = addresses.slice(0, MAX_NAMED).join(", ");
  return addresses.length > MAX_NAMED ? `${named} and ${addresses.length - MAX_NAMED} more` : named;
}
