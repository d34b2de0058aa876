import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { callControl } from '@skykeep/persistent-path/control'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { noteOnInterrupt, type GoesOn } from '../client/goes-on.ts'
import { findPlace, type Place } from '../client/plane.ts'
import { openChangeSession } from '../client/session.ts'
import type { CliEnv } from '../env.ts'
import { openTerminal, type Terminal } from '../output/terminal.ts'
import { waitUntil } from '../supervisor/pause.ts'
import { stopControlPlane, stopGateways } from '../supervisor/stop-processes.ts'
import { exitCodes } from './failure.ts'
import { serveDown } from './serve-down.ts'
import { allServices } from './serve-status.ts'

export interface StopOptions {
  /** Take every service down first. */
  readonly services?: boolean
  /** Seconds for requests in flight. */
  readonly grace: number
  readonly json?: boolean
}

const supervisorPatienceMs = 30_000

/** `skykeep stop`: ends the control plane and the gateway; replicas go on, unless `--services` takes everything down. */
export async function stop(env: CliEnv, options: StopOptions): Promise<number> {
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const takeBack = noteOnInterrupt(terminal, goesOn(options.services === true))
  const taken = options.services === true ? await takeAllDown(env, options) : []
  const graceMs = options.grace * 1000
  await stopStandBys(place)
  const hadSupervisor = await stopSupervisor(place, graceMs)
  const planeProcesses = await stopControlPlane(place.layout, systemClock, 5000)
  const gateways = await stopGateways(place.layout, systemClock, graceMs)
  takeBack()
  const hasStopped = hadSupervisor || planeProcesses + gateways > 0
  if (options.json === true)
    terminal.json({ persistentPath: place.resolved.path, hasStopped, services: taken })
  else sayWhatGoesOn(terminal, place, { hasStopped, services: options.services })
  return exitCodes.ok
}

function goesOn(areServicesStopped: boolean): GoesOn {
  const services = areServicesStopped
    ? 'services that were asked to go down go on going down, and whatever'
    : 'whatever'
  return {
    what: `${services} was asked to stop stops; nothing more is asked. To stop the rest`,
    look: areServicesStopped ? 'skykeep stop --services' : 'skykeep stop',
  }
}

/** Takes every service down and gives their names. */
async function takeAllDown(env: CliEnv, { json }: StopOptions): Promise<readonly string[]> {
  const opened = await openChangeSession(env)
  // Standard output is for the one answer.
  const session =
    json === true ? { ...opened, terminal: { ...opened.terminal, print: opened.terminal.note } } : opened
  const services = await allServices(session)
  for (const { name } of services) await serveDown(session, name, {})
  return services.map(({ name }) => name)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A plane that stands by would take over what is stopped here: it ends first. */
async function stopStandBys({ layout }: Place): Promise<void> {
  const names = namesIn(layout.runtimeDir).filter((name) => /^sb-\d+\.sock$/.test(name))
  const isAsked = await Promise.all(
    names.map(async (name) => {
      const socket = path.join(layout.runtimeDir, name)
      // A stale socket of one that was killed: nobody to ask.
      return await callControl(socket, { method: 'POST', path: '/stop' }).then(
        () => socket,
        () => undefined,
      )
    }),
  )
  const living = isAsked.filter((socket) => socket !== undefined)
  await waitUntil(() => !living.some((socket) => existsSync(socket)), 5000, systemClock)
}

/** Asks a living supervisor to stop, gateway included, and waits for its end; false where there is none. One that does not answer is refused by name. */
async function stopSupervisor(place: Place, graceMs: number): Promise<boolean> {
  const record = readProcessRecord(place.layout, 'supervisor')
  if (record === undefined || !isProcessAlive(record)) return false
  const body = { gateway: true, graceMs }
  await callControl(place.layout.supervisorSocket, { method: 'POST', path: '/stop', body })
  const isGone = await waitUntil(() => !isProcessAlive(record), graceMs + supervisorPatienceMs, systemClock)
  if (isGone) return true
  throw new SkykeepError('UNAVAILABLE', `the supervisor (pid ${record.pid}) does not end`, {
    hint: `Look into ${place.layout.processLog('supervisor')}, or end it with \`kill -9 ${record.pid}\` and run this again.`,
  })
}

function sayWhatGoesOn(
  terminal: Terminal,
  place: Place,
  { services, hasStopped }: { readonly services: boolean | undefined; readonly hasStopped: boolean },
): void {
  if (services === true) terminal.print('stopped: every service, the gateway and the control plane')
  else if (hasStopped) {
    terminal.print('stopped: gateway and control plane')
    terminal.print('Replicas go on without an address; `npm start` brings them back behind theirs.')
  } else terminal.print(`nothing of Skykeep runs on ${place.resolved.path}`)
}
