/** The name under which the gateway process of a slot is known. */
export function processName(slot: number): string {
  return `gateway-${slot}`
}
