/** The way to the gateway processes of this plane: which of them live, and one JSON call to one of them. */
export interface GatewayChannel {
  /** Names of the gateway processes whose process exists now (boot id, pid and start time agree). */
  living(): readonly string[]
  /** @throws SkykeepError UNAVAILABLE when it does not answer in time. */
  call(
    name: string,
    request: {
      readonly method: 'GET' | 'POST'
      readonly path: string
      readonly body?: unknown
      readonly timeoutMs?: number
    },
  ): Promise<unknown>
}
