import { layoutOf } from '@skykeep/persistent-path/layout'
import { SkykeepError } from '@skykeep/core/errors'
import { randomIds } from '@skykeep/secrets/random-ids'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { bootstrap, raiseInstallationFence } from './bootstrap.ts'
import { type StateAnswer, type StateRequest, toPlainError } from './state-messages.ts'

/** Does for a supervisor what needs the database, and ends with it: see `StateProcess`. */
process.umask(0o077)
const answer = (message: StateAnswer): void => void process.send?.(message)

process.on('disconnect', () => process.exit(0))
// The supervisor sends nothing but these, one after the other.
process.on('message', (request: StateRequest) => {
  carryOut(request)
    .then((fence) => answer({ type: 'done', fence }))
    .catch((error: unknown) => answer({ type: 'failed', error: toPlainError(error) }))
})

async function carryOut(request: StateRequest): Promise<number> {
  const { root, step, atLeast, parentPid, ...rest } = request
  const options = {
    ...rest,
    layout: layoutOf(root),
    clock: systemClock,
    ids: randomIds,
    say: (line: string) => answer({ type: 'line', line }),
  }
  // Inside of the transaction: a supervisor that died meanwhile has no successor yet that raised the number before us.
  const requireParent = (): void => {
    if (process.ppid !== parentPid) throw new SkykeepError('FENCED', 'the supervisor that asked is gone')
  }
  if (step === 'raise-fence') return await raiseInstallationFence(options, atLeast, requireParent)
  await bootstrap(options)
  return 0
}
