import { isProcessAlive, type ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { readFileSync, rmSync } from 'node:fs'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { clearIncoming, readIncoming, readMoved } from '@skykeep/persistent-path/path-state'
import { moveNodes, type NodesMoved } from './move-nodes.ts'
import { rebaseGateways } from './rebase-gateways.ts'

/** What a finished part of a move is called, in its order. */
export type FinishStep = 'nodes-moved' | 'gateways-rebased' | 'opened'

/**
 * The part of a move that makes the new path usable, after the old one named it: nodes, gateways, and then the sign that it is whole. Every part
 * may be repeated. @returns how the nodes went along.
 */
export async function openNewPath(
  from: Layout,
  to: Layout,
  onStep: (step: FinishStep) => void | Promise<void> = () => undefined,
): Promise<NodesMoved> {
  const nodes = moveNodes(from, to)
  await onStep('nodes-moved')
  await rebaseGateways(from, to)
  await onStep('gateways-rebased')
  clearIncoming(to)
  await onStep('opened')
  return nodes
}

/** Brings a move to this path to its end if the old path has named it already; called before a plane starts here. @returns whether there was one. */
export async function finishIncomingMove(to: Layout): Promise<boolean> {
  const incoming = readIncoming(to)
  if (incoming?.kind !== 'move') return false
  const from = layoutOf(incoming.from)
  if (readMoved(from)?.to !== to.root) return false
  await openNewPath(from, to)
  return true
}

/** Forgets what a move of this path was about to do, where its process is gone and the path is still the state's. @returns whether there was one. */
export function dropDeadIntent(layout: Layout): boolean {
  const mover = moverOf(layout)
  if (mover === undefined || isProcessAlive(mover) || readMoved(layout) !== undefined) return false
  rmSync(layout.moveFile, { force: true })
  return true
}

/** The process that moves this path, by its intent; undefined: nobody does. */
export function moverOf(layout: Layout): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(layout.moveFile, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    // An object that came from JSON: its keys are strings, its values unknown.
    const { bootId, pid, startTime } = value as Record<string, unknown>
    if (typeof bootId !== 'string' || typeof pid !== 'number' || typeof startTime !== 'number')
      return undefined
    return { bootId, pid, startTime }
  } catch {
    return undefined
  }
}
