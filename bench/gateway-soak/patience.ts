/** How long a client waits for anything, ms of the machine's clock: longer than every time-out of the gateway at its fast one. */
export const hungMs = 60_000
