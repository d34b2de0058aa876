import { streamKind } from '@skykeep/core/drill-figures'
import { SkykeepError } from '@skykeep/core/errors'
import type { DrillLoad, DrillRound } from '@skykeep/core/nouns'
import type { ServiceView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { aftermathOf, type Aftermath } from './aftermath.ts'
import type { DrillSetting, RoundOutcome } from './drill-setting.ts'
import { pauseFor, watchUntil } from './pausing.ts'
import { LongStream } from './long-stream.ts'
import { isWholeAgain, livingParts, type PlaneParts } from './plane-parts.ts'
import { restartSupervisor, successorOf } from './restart-supervisor.ts'
import { isAsBefore } from './service-again.ts'
import { SteadyLoad } from './steady-load.ts'
import { killVictims, neededParts, victimsOf, type Victims } from './victims.ts'

const askMs = 10_000
const lookMs = 50
/** Clients are at their rate, and every connection is in use. */
const flowing = 20

/**
 * One round: load, death, recovery, load. Throws CONFLICT when the service answers badly before anything was killed, UNAVAILABLE when a
 * part is missing from the start, and Interrupted; a supervisor that was killed is started again in any case.
 */
export async function runRound(setting: DrillSetting, number: number): Promise<RoundOutcome> {
  const { session, options, url, path } = setting
  const service = await readService(setting)
  const parts = await wholePlane(session)
  const load = new SteadyLoad(url + path, options.rate, setting.headers)
  const stream =
    options.stream === undefined ? undefined : new LongStream(url + options.stream, setting.headers)
  try {
    load.start()
    stream?.start()
    await warmUp(setting, load, stream)
    const victims = await chooseVictims(setting, parts, number)
    const died = await killAndRecover(setting, { load, service, parts, victims, number })
    await pauseFor(options.seconds * 1000, setting.signal)
    stream?.stop()
    const endMs = performance.now()
    await load.stop()
    const seen = withStreams(load.tally.total(endMs), stream)
    const round: DrillRound = {
      ...seen,
      target: options.kill,
      killedPids: died.killedPids,
      recoveredMs: died.recoveredMs,
    }
    const brokenStreams = stream?.broken ?? []
    const after = await aftermathOf(setting, { service, parts, victims, brokenStreams })
    return outcomeOf({
      round,
      brokenStreams,
      after,
      parts,
      service,
      startedSupervisor: died.startedSupervisor,
    })
  } finally {
    load.abandon()
    stream?.stop()
  }
}

interface Gathered extends Pick<RoundOutcome, 'round' | 'brokenStreams' | 'startedSupervisor'> {
  readonly after: Aftermath
  readonly parts: PlaneParts
  readonly service: ServiceView
}

function outcomeOf({ after, parts, service, ...rest }: Gathered): RoundOutcome {
  return {
    ...rest,
    ...after,
    gateways: [...parts.keys()].filter((name) => name.startsWith('gateway-')).length,
    readyReplicas: service.readyReplicas,
  }
}

async function readService({ asker, name, signal }: DrillSetting): Promise<ServiceView> {
  const service = await asker.patiently((api) => api.services.get.query({ name }), {
    withinMs: askMs,
    signal,
  })
  if (service !== undefined) return service
  throw new SkykeepError('UNAVAILABLE', 'the control plane does not answer', {
    hint: 'See `skykeep system status`; the service goes on.',
  })
}

async function wholePlane({ place }: Session): Promise<PlaneParts> {
  const parts = await livingParts(place.layout)
  const missing = neededParts.filter((name) => !parts.has(name))
  if (missing.length === 0) return parts
  throw new SkykeepError('UNAVAILABLE', `not running on this machine: ${missing.join(', ')}`, {
    hint: 'A drill kills processes of this machine, and begins with a whole control plane. See `skykeep system status`.',
  })
}

async function warmUp(
  { options, signal, url, path, name }: DrillSetting,
  load: SteadyLoad,
  stream: LongStream | undefined,
): Promise<void> {
  await pauseFor(options.seconds * 1000, signal)
  const bounds = { withinMs: askMs, everyMs: lookMs, signal }
  await watchUntil(() => load.tally.goodCount >= Math.min(flowing, options.rate), bounds)
  const failed = load.tally.failedCount + (stream?.broken.length ?? 0)
  if (failed === 0 && load.tally.goodCount > 0) return
  throw new SkykeepError('CONFLICT', `${failed} requests failed before anything was killed`, {
    hint: `See \`skykeep serve status ${name}\` and \`curl -i ${url}${path}\`; a drill needs a service that is well.`,
  })
}

async function chooseVictims(setting: DrillSetting, parts: PlaneParts, number: number): Promise<Victims> {
  const { asker, options, name, signal } = setting
  if (options.kill !== 'replica') return victimsOf(options.kill, parts, null, number)
  const plan = await asker.patiently((api) => api.drills.plan.query({ name }), { withinMs: askMs, signal })
  return victimsOf('replica', parts, plan?.newestReady ?? null, number)
}

interface Scene {
  readonly load: SteadyLoad
  readonly service: ServiceView
  readonly parts: PlaneParts
  readonly victims: Victims
  readonly number: number
}

type Death = Pick<DrillRound, 'killedPids' | 'recoveredMs'> & Pick<RoundOutcome, 'startedSupervisor'>

async function killAndRecover(setting: DrillSetting, scene: Scene): Promise<Death> {
  const { session, options, signal, say } = setting
  const { load, parts, victims } = scene
  const dead = victims.parts.find((part) => part.name === 'supervisor')
  const vacancy = dead && {
    dead,
    successor: successorOf(session, dead),
    webPort: parts.get('web')?.port,
  }
  load.tally.begin()
  const diedAt = performance.now()
  const killedPids = killVictims(victims)
  const startedSupervisor = vacancy === undefined ? null : await restartSupervisor(session, vacancy)
  say(
    `round ${scene.number} of ${options.repeat}: killed ${namesOf(setting.name, victims)}; waiting until all is as before`,
  )
  const goodBefore = load.tally.goodCount
  const isRecovered = await watchUntil(
    async () => load.tally.goodCount > goodBefore && (await isRecoveredFrom(setting, scene)),
    { withinMs: options.wait * 1000, everyMs: lookMs, signal },
  )
  const tookMs = Math.round(performance.now() - diedAt)
  return { killedPids, recoveredMs: isRecovered ? tookMs : null, startedSupervisor }
}

async function isRecoveredFrom(
  { session, asker, name }: DrillSetting,
  { service, parts, victims }: Scene,
): Promise<boolean> {
  const port = service.endpoint?.port ?? 0
  if (!(await isWholeAgain(session.place.layout, parts, victims.parts, port))) return false
  const now = await asker.now((api) => api.services.get.query({ name }))
  return now !== undefined && isAsBefore(service, now, victims.replica?.replicaUid)
}

/** `worker (pid 41)`, `replica hello-3 (pid 99)`. */
function namesOf(service: string, { parts, replica }: Victims): string {
  const names = parts.map(({ name, pid }) => `${name} (pid ${pid})`)
  if (replica !== null) names.push(`replica ${service}-${replica.replicaId} (pid ${replica.pid})`)
  return names.join(', ')
}

/** Streams that broke are failures of their own kind, beside the requests. */
function withStreams(seen: DrillLoad, stream: LongStream | undefined): DrillLoad {
  const failed = { ...seen.failed }
  for (const { reason } of stream?.broken ?? []) {
    const kind = `${streamKind}${reason}`
    failed[kind] = (failed[kind] ?? 0) + 1
  }
  return { ...seen, failed }
}
