import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { callControl } from '@skykeep/persistent-path/control'
import { InstanceLock } from '@skykeep/persistent-path/instance-lock'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { isProcessAlive, selfIdentity } from '@skykeep/persistent-path/process-identity'
import { rewritePersistentPath } from '@skykeep/persistent-path/rewrite-config'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { moveState, type Moved, type MovedPlane } from '@skykeep/state/move/move-state'
import type { NodesMoved } from '@skykeep/state/move/move-nodes'
import { recordEvent } from '@skykeep/state/record-event'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import { findPlace } from '../client/plane.ts'
import { stoppable, type StopWords } from '../client/stoppable.ts'
import type { CliEnv } from '../env.ts'
import { Progress } from '../output/progress.ts'
import { size } from '../output/size.ts'
import { openTerminal } from '../output/terminal.ts'
import { stopControlPlane } from '../supervisor/stop-processes.ts'
import { exitCodes } from './failure.ts'

export interface StateMoveOptions {
  readonly keepOld?: boolean
  readonly json?: boolean
}

const pauseMs = 60_000
const followMs = 60_000

/** `skykeep state move NEWPATH`: takes the state elsewhere while its services go on. */
export async function stateMove(env: CliEnv, newPath: string, options: StateMoveOptions): Promise<number> {
  const terminal = openTerminal(env)
  const { resolved, layout } = findPlace(env)
  const progress = new Progress(terminal, systemClock)
  const isFromConfig = resolved.source === 'config'
  const supervisor = readProcessRecord(layout, 'supervisor')
  const isRunning = supervisor !== undefined && isProcessAlive(supervisor)
  const newRoot = path.resolve(env.cwd, newPath)
  let isCommitted = false
  const words: StopWords = {
    stopped: `stopped: the state is whole at ${layout.root}, and everything goes on there; the same command goes on with the move.`,
    goesOn: () =>
      isCommitted
        ? `the state is at ${newRoot} already, and the move goes on to its end; whatever starts there does what is left of it`
        : null,
  }
  const moveWith = (check: () => void): Promise<Moved> =>
    moveState({
      layout,
      newRoot,
      usesSqlite: resolved.config.databaseUrl === undefined,
      shouldKeepOld: options.keepOld === true,
      plane: isRunning ? supervisedPlane(layout) : stoppedPlane(layout),
      rename: (root) => {
        if (isFromConfig) rewritePersistentPath(resolved.configFile, root)
      },
      clock: systemClock,
      onProgress: (phase, bytes) => {
        check()
        progress.show(phase, () => `${phase === 'bulk' ? 'copied   ' : 'switching'} ${size(bytes)}`)
      },
      onStep: (step) => {
        if (step === 'committed') isCommitted = true
        check()
      },
    })
  const moved = await stoppable(terminal, words, moveWith)
  const { root } = moved.layout
  await recordEvent(resolved.config.databaseUrl ?? `file:${moved.layout.stateDb}`, systemClock, {
    type: 'state.moved',
    message: `The state was moved from ${layout.root} to ${root}.`,
    payload: { from: layout.root, to: root, pausedMs: Math.round(moved.pausedMs) },
  }).catch((error: unknown) => {
    terminal.note(`warning: no event was written: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (options.json === true) {
    const { nodes, pausedMs } = moved
    terminal.json({ root, nodes, pausedMs: Math.round(pausedMs), isConfigWritten: isFromConfig })
    return exitCodes.ok
  }
  terminal.print(`moved     ${layout.root} -> ${root}`)
  if (isRunning)
    terminal.print(`paused    worker and web for ${(moved.pausedMs / 1000).toFixed(1)} s; services went on`)
  for (const line of nodeLines(moved.nodes, layout, root)) terminal.print(line)
  terminal.print(
    isFromConfig
      ? `config    persistent_path in ${resolved.configFile} names it`
      : `named by  ${resolved.origin}: set SKYPILOT_PERSISTENT_PATH=${root} wherever Skykeep is started`,
  )
  terminal.print(
    options.keepOld === true
      ? `old       kept as it was; nothing starts there any more`
      : `old       removed but for moved.json, which says where the state is`,
  )
  return exitCodes.ok
}

/** Told by its control socket: it gives the old path back and goes on at the new one itself. */
function supervisedPlane(layout: Layout): MovedPlane {
  const tell = async (verb: string, body: object): Promise<void> => {
    await callControl(layout.supervisorSocket, {
      method: 'POST',
      path: `/${verb}`,
      body,
      timeoutMs: pauseMs,
    })
  }
  return {
    pause: () => tell('pause', { pid: process.pid }),
    resume: () => tell('resume', {}),
    follow: async (root) => {
      await tell('follow', { root })
      const { supervisorSocket } = layoutOf(root)
      const endMs = systemClock.monotonicMs() + followMs
      while (!(await isReady(supervisorSocket))) {
        if (systemClock.monotonicMs() > endMs) throw notFollowed(root)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
  }
}

/** Nobody supervises: this process holds the old path while it moves, and nothing is started at the new one. */
function stoppedPlane(layout: Layout): MovedPlane {
  let lock: InstanceLock | undefined
  return {
    pause: async () => {
      lock = InstanceLock.tryAcquire(layout, { ...selfIdentity(), run: randomUUID(), hostname: hostname() })
      if (lock === undefined) {
        throw new SkykeepError('CONFLICT', `a control plane has taken ${layout.root} meanwhile`, {
          hint: 'Repeat the move: it goes on where it was.',
        })
      }
      await stopControlPlane(layout, systemClock, 5000)
    },
    resume: async () => lock?.release(),
    follow: async () => lock?.release(),
  }
}

async function isReady(socket: string): Promise<boolean> {
  const status = await callControl(socket, { method: 'GET', path: '/status' }).catch(() => undefined)
  return typeof status === 'object' && status !== null && 'isReady' in status && status.isReady === true
}

function notFollowed(root: string): SkykeepError {
  return new SkykeepError(
    'UNAVAILABLE',
    `the state is at ${root}, but its control plane does not answer there yet`,
    {
      hint: `Look into ${layoutOf(root).processLog('supervisor')}, or start it there: SKYPILOT_PERSISTENT_PATH=${root} npm start`,
    },
  )
}

function nodeLines(nodes: NodesMoved, { localDir }: Layout, root: string): readonly string[] {
  switch (nodes) {
    case 'renamed':
      return [`nodes     renamed; ${localDir} is a link to them, for what runs`]
    case 'linked':
      return [
        `nodes     of what runs stay in ${localDir} (another file system), with links in ${root}/local;`,
        '          they go with their replicas: keep the old disk until those were replaced',
      ]
    case 'none':
      return []
  }
}
