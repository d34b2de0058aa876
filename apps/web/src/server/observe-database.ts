import type { DatabaseObserver } from '@skykeep/db/observer'
import { watching } from './watching.ts'

/** Counts what this process writes. */
export function observeDatabase(): DatabaseObserver {
  const { committed } = watching()
  return {
    onTransaction: ({ isCommitted, attempts, waitMs, tookMs }) => {
      committed.transactionSeconds.observe({ outcome: isCommitted ? 'ok' : 'failed' }, tookMs / 1_000)
      committed.transactionWaitSeconds.observe(waitMs / 1_000)
      if (attempts > 1) committed.transactionRetries.inc(attempts - 1)
    },
    onEvent: ({ type, kind, from, to }) => {
      if (type === 'status.changed') committed.transitions.inc({ kind, from: from ?? '', to: to ?? '' })
    },
  }
}
