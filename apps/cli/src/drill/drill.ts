import { requestFailures } from '@skykeep/core/drill-figures'
import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceView } from '@skykeep/core/views'
import { errorOf } from '../client/api.ts'
import type { Session } from '../client/session.ts'
import { exitCodes } from '../commands/failure.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { askOnce } from './ask-once.ts'
import { DrillKey } from './drill-key.ts'
import type { DrillOptions } from './drill-options.ts'
import { showDrills, showResult } from './drill-output.ts'
import { DrillRecord } from './drill-record.ts'
import type { DrillSetting, RoundOutcome } from './drill-setting.ts'
import { Interrupted } from '../client/interrupted.ts'
import { Interruption } from '../client/interruption.ts'
import { judge, resultOf } from './judge.ts'
import { PlaneAsker } from './plane-asker.ts'
import { runRound } from './round.ts'

const checkMs = 10_000

/** `skykeep drill SERVICE --list`: earlier drills, newest first. Returns the exit code. */
export async function listDrills(session: Session, name: string, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const drills = await session.api.drills.list.query({ name })
    return { json: drills, show: (terminal) => showDrills(terminal, drills) }
  })
}

/**
 * `skykeep drill SERVICE --kill PART`: puts load on the service, kills the part with SIGKILL, waits until all is as before, and says what
 * that cost. Returns 0 when nothing was lost that the guarantee covers. Throws what the control plane refuses.
 */
export async function drill(session: Session, name: string, options: DrillOptions): Promise<number> {
  const { note } = session.terminal
  const interruption = new Interruption(
    () => note('\nthe load stops; writing down how far it came (again to end at once) …'),
    () => {
      note(`ended at once: ${goesOnText(name)}`)
      note(
        `The drill is listed as running, and as lost after a minute: \`npx skykeep drill ${name} --list\`.`,
      )
    },
  )
  const asker = new PlaneAsker(session)
  // The dashboard wrote the row before it started this process: whatever goes wrong has to stand there.
  let record = options.record === undefined ? undefined : new DrillRecord(options.record, asker)
  const outcomes: RoundOutcome[] = []
  const key = new DrillKey(session, name)
  try {
    const target = await prepare(session, { name, key }, options)
    record ??= new DrillRecord(await startRow(session, name, options), asker)
    const { uid } = record
    session.terminal.note(
      `drill   ${name}  ${options.kill} ×${options.repeat}  ${options.rate} requests/s to ${target.url}${target.path}  ${uid}`,
    )
    const { signal } = interruption
    const say = speaker(session, record, outcomes)
    await runRounds({ ...target, session, asker, name, options, signal, say }, outcomes)
    return await conclude(session, record, options, outcomes)
  } catch (error) {
    const isInterrupted = error instanceof Interrupted
    const reason = isInterrupted ? `interrupted in round ${outcomes.length + 1}` : reasonOf(error)
    await record?.finish({ status: 'FAILED', reason }, partOf(outcomes), isInterrupted)
    if (!isInterrupted) throw error
    note(`interrupted: ${goesOnText(name)}`)
    return exitCodes.interrupted
  } finally {
    await key.end()
    record?.close()
    interruption.release()
  }
}

type Target = Pick<DrillSetting, 'url' | 'path' | 'headers'>

/** Where the load goes. Refuses a service that is not ready, and a path that answers badly. */
async function prepare(
  { api }: Session,
  { name, key }: { readonly name: string; readonly key: DrillKey },
  options: DrillOptions,
): Promise<Target> {
  const [service, plan] = await Promise.all([
    api.services.get.query({ name }),
    api.drills.plan.query({ name }),
  ])
  const target = { url: urlOf(service), path: options.path ?? plan.path }
  const ask = { url: target.url + target.path, agent: false, timeoutMs: checkMs } as const
  const open = await askOnce(ask)
  if (open.kind === 'good') return { ...target, headers: {} }
  const headers = open.reason === 'HTTP 401' ? await key.make() : {}
  const answer = open.reason === 'HTTP 401' ? await askOnce({ ...ask, headers }) : open
  if (answer.kind === 'good') return { ...target, headers }
  throw new SkykeepError('CONFLICT', `GET ${target.url}${target.path}: ${answer.reason}`, {
    hint: 'Name a path that answers a plain GET with --path.',
  })
}

function urlOf({ name, endpoint, status, statusReason }: ServiceView): string {
  if (endpoint?.status === 'OPEN' && status === 'READY') return endpoint.url
  const why = [status, statusReason, endpoint?.statusReason].filter(Boolean).join(' ')
  throw new SkykeepError('CONFLICT', `${name} is not ready: ${why}`, {
    hint: `See \`skykeep serve status ${name}\`, and drill once it is READY.`,
  })
}

async function startRow({ api }: Session, name: string, options: DrillOptions): Promise<string> {
  const { kill: target, repeat: repeats } = options
  return (await api.drills.start.mutate({ name, target, repeats, isConfirmed: options.yes === true })).uid
}

/** Says where the drill is, to the person and in its row. */
function speaker(
  { terminal }: Session,
  record: DrillRecord,
  outcomes: readonly RoundOutcome[],
): DrillSetting['say'] {
  return (phase) => {
    terminal.note(phase)
    record.report(phase, partOf(outcomes))
  }
}

async function runRounds(setting: DrillSetting, outcomes: RoundOutcome[]): Promise<void> {
  const { options, say } = setting
  while (outcomes.length < options.repeat) {
    const number = outcomes.length + 1
    const title = `round ${number} of ${options.repeat}`
    // Of later rounds the end of the one before says as much.
    if (number === 1) say(`${title}: ${options.seconds} s of load before the death`)
    const outcome = await runRound(setting, number)
    outcomes.push(outcome)
    const { round, startedSupervisor } = outcome
    if (round.recoveredMs === null) {
      say(`${title}: not all was as before within ${options.wait} s; no further round`)
      return
    }
    const started =
      startedSupervisor === null
        ? ''
        : `, a supervisor was started in the background (pid ${startedSupervisor})`
    say(
      `${title}: as before after ${round.recoveredMs} ms, ${requestFailures(round)} of ${round.requests} requests failed${started}`,
    )
  }
}

async function conclude(
  session: Session,
  record: DrillRecord,
  { kill, wait, json }: DrillOptions,
  outcomes: readonly RoundOutcome[],
): Promise<number> {
  const result = resultOf(outcomes)
  const judgement = judge(kill, outcomes, wait)
  const { terminal } = session
  if (!(await record.finish(judgement, result))) {
    terminal.note('The result could not be recorded: the control plane does not answer.')
  }
  const others = outcomes.reduce((sum, outcome) => sum + outcome.unfinishedOfOthers, 0)
  if (json === true)
    terminal.json({ uid: record.uid, target: kill, ...judgement, result, unfinishedOfOthers: others })
  else showResult(terminal, result, judgement)
  if (others > 0) {
    terminal.note(`${others} requests of others were cut off, too; they stand in \`skykeep serve status\`.`)
  }
  return judgement.status === 'SUCCEEDED' ? exitCodes.ok : exitCodes.failed
}

function partOf(outcomes: readonly RoundOutcome[]): ReturnType<typeof resultOf> | null {
  return outcomes.length === 0 ? null : resultOf(outcomes)
}

function goesOnText(name: string): string {
  return `the load has stopped, and nothing more is killed. ${name} goes on; what was killed comes back by itself (\`npx skykeep system status\`).`
}

function reasonOf(error: unknown): string {
  const known = errorOf(error)
  return known instanceof SkykeepError ? known.userMessage : String(known)
}
