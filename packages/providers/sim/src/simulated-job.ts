import type { SimJob, SimNode } from './sim-world.ts'

/** What happens with a job, in the words of the node runtime. */
export interface JobPhase {
  readonly status: 'SETTING_UP' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'FAILED_SETUP' | 'STOPPED' | 'LOST'
  readonly exitCode: number | null
  readonly reason: string
}

const lost: JobPhase = { status: 'LOST', exitCode: null, reason: 'its node booted again' }

/** Where a job stands at a time of the cloud's clock. Pure. */
export function phaseOf(job: SimJob, node: SimNode, atMs: number): JobPhase {
  if (bootsOf(node, atMs) !== job.boots) return lost
  const { script, startedAtMs, stoppedAtMs, killed } = job
  const runsFromMs = startedAtMs + script.setupMs
  const ends: readonly (readonly [number, JobPhase])[] = [
    ...(script.setupExit === 0 ? [] : [[runsFromMs, ended('FAILED_SETUP', script.setupExit)] as const]),
    ...(script.exitMs === null
      ? []
      : [
          [
            runsFromMs + script.exitMs,
            ended(script.exit === 0 ? 'SUCCEEDED' : 'FAILED', script.exit),
          ] as const,
        ]),
    ...(stoppedAtMs === null ? [] : [[stoppedAtMs + script.stopMs, ended('STOPPED', 143)] as const]),
    ...(killed === null ? [] : [[killed.atMs, ended('FAILED', killed.exitCode)] as const]),
  ]
  const [first] = ends.filter(([endsAtMs]) => atMs >= endsAtMs).toSorted(([a], [b]) => a - b)
  if (first !== undefined) return first[1]
  return { status: atMs < runsFromMs ? 'SETTING_UP' : 'RUNNING', exitCode: null, reason: '' }
}

/** The status of its answer to a probe of `path`; null: nobody answers. Pure. */
export function answerOf(
  job: SimJob,
  node: SimNode,
  ask: { readonly path: string; readonly atMs: number },
): number | null {
  if (phaseOf(job, node, ask.atMs).status !== 'RUNNING') return null
  const { script, answersWith } = job
  const runForMs = ask.atMs - job.startedAtMs - script.setupMs
  if (runForMs < script.readyMs || (script.muteMs !== null && runForMs >= script.muteMs)) return null
  if (answersWith !== null) return answersWith === 0 ? null : answersWith
  return script.path !== null && script.path !== ask.path ? 404 : script.status
}

/** Boots of a node so far, the first included. */
export function bootsOf(node: SimNode, atMs: number): number {
  return 1 + node.rebootedAtMs.filter((rebootedAtMs) => atMs >= rebootedAtMs).length
}

export function isOver({ status }: JobPhase): boolean {
  return status !== 'SETTING_UP' && status !== 'RUNNING'
}

function ended(status: JobPhase['status'], exitCode: number | null): JobPhase {
  return { status, exitCode, reason: exitCode === null ? 'was killed' : `exited with ${exitCode}` }
}
