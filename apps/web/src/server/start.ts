import { isSkykeepError } from '@skykeep/core/errors'
import { ControlText, serveControl } from '@skykeep/persistent-path/control'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { isSameProcess, selfIdentity } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { expositionType } from '@skykeep/telemetry/metrics/exposition'
import { listeningPort, readEnv } from './env.ts'
import { openPlane } from './plane.ts'
import { logLine } from './process-log.ts'
import { refuseUnknownMethods } from './refuse-unknown-methods.ts'
import { watching } from './watching.ts'

/** What happens once when the server has begun to listen. Waits for nothing that can hang: pages are served at once. */
export async function startWeb(): Promise<void> {
  process.umask(0o077)
  refuseUnknownMethods()
  const env = readEnv()
  const layout = layoutOf(env.persistentPath)
  const socket = layout.socket('web')
  await unlessBroken('control socket', () =>
    serveControl(socket, {
      'GET /health': () => ({ pid: process.pid }),
      'GET /metrics': async () => new ControlText(expositionType, await watching().metrics.text()),
    }),
  )
  await unlessBroken('runtime record', () => {
    const self = selfIdentity()
    const known = readProcessRecord(layout, 'web')
    // A supervisor writes it when it starts us.
    if (known !== undefined && isSameProcess(known, self)) return
    const record = {
      ...self,
      name: 'web',
      port: listeningPort(),
      socket,
      startedAtMs: Date.now(),
      build: env.build,
    }
    writeProcessRecord(layout, record)
  })
  openPlane()
}

/** A disk that takes no write keeps no dashboard from starting: it shows just that. */
async function unlessBroken(what: string, act: () => unknown): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (isSkykeepError(error, 'INVALID_INPUT')) throw error
    logLine('warn', `${what}: not there`, error)
  }
}
