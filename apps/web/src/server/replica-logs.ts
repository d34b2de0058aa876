import type { Replica } from '@skykeep/core/nouns'
import type { LogSource } from '@skykeep/logs/log-source'
import type { Layout } from '@skykeep/persistent-path/layout'

/** A log that holds nothing and will not. */
const nothing: LogSource = {
  read: ({ offset }) =>
    Promise.resolve({
      offset: 0,
      bytes: new Uint8Array(),
      nextOffset: Math.min(offset, 0),
      firstOffset: 0,
      isEnded: true,
    }),
  async *follow() {
    // Ends at once.
  },
}

/** The log of a replica, wherever its node keeps it; nothing before it has a node. */
export function replicaLogs(_layout: Layout): (replica: Replica) => LogSource {
  return () => nothing
}
