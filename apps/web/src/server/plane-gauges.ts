import { statfs } from 'node:fs/promises'
import { replicaStatuses, serviceStatuses } from '@skykeep/core/statuses'
import { drivenKinds } from '@skykeep/db/reconciliations'
import { readPlaneFigures, type PlaneFigures, type ServiceFigures } from '@skykeep/db/plane-figures'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { DiskReserve } from '@skykeep/persistent-path/disk-reserve'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { Container } from './container.ts'
import type { Watching } from './watching.ts'

type Gauges = Watching['plane']

/** Sets every gauge anew: what is gone leaves no series behind. What cannot be read has none. */
export async function readPlaneGauges(
  gauges: Gauges,
  layout: Layout,
  held: Container | undefined,
): Promise<void> {
  for (const gauge of Object.values(gauges)) gauge.reset()
  await readDisk(gauges, layout)
  gauges.isActive.set(held?.isActive() === true ? 1 : 0)
  if (held === undefined) return gauges.isDatabaseUp.set(0)
  const { services: actions } = held
  gauges.fence.set(actions.fence)
  gauges.isDegraded.set((await actions.plane.storage()).state === 'degraded' ? 1 : 0)
  try {
    const figures = await readPlaneFigures(actions.db)
    const nowMs = actions.clock.now()
    setQueues(gauges, figures, nowMs)
    for (const service of figures.services) {
      setService(gauges, service, nowMs)
      const { min, max } = await boundsOf(held, service)
      gauges.replicasMin.set({ service: service.name }, min)
      gauges.replicasMax.set({ service: service.name }, max)
    }
    gauges.isDatabaseUp.set(1)
  } catch {
    gauges.isDatabaseUp.set(0)
  }
}

async function readDisk(gauges: Gauges, layout: Layout): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(layout.root)
    gauges.diskFree.set(bavail * bsize)
    gauges.diskReserve.set(new DiskReserve(layout.reserveFile).heldBytes())
  } catch {
    gauges.diskFree.remove()
  }
}

function setQueues(gauges: Gauges, figures: PlaneFigures, nowMs: number): void {
  for (const kind of drivenKinds) {
    const queue = figures.queues.find((each) => each.kind === kind)
    gauges.queueDue.set({ kind }, queue?.due ?? 0)
    gauges.queueLag.set({ kind }, queue === undefined ? 0 : secondsBetween(queue.oldestDueAtMs, nowMs))
    gauges.setAside.set({ kind }, figures.setAside.find((each) => each.of === kind)?.count ?? 0)
  }
  for (const status of ['PENDING', 'RUNNING'] as const)
    gauges.operations.set({ status }, figures.operations.find((each) => each.of === status)?.count ?? 0)
  if (figures.heartbeatAtMs !== null) gauges.heartbeatAge.set(secondsBetween(figures.heartbeatAtMs, nowMs))
}

const terms = ['requestsPerSecond', 'inFlight', 'parked', 'asked', 'desired'] as const

function setService(gauges: Gauges, figures: ServiceFigures, nowMs: number): void {
  const { name: service, autoscaler, runningRollout, controllerSeenAtMs } = figures
  for (const status of serviceStatuses)
    if (status !== 'TERMINATED')
      gauges.serviceStatus.set({ service, status }, figures.status === status ? 1 : 0)
  gauges.serviceVersion.set({ service }, figures.targetVersion)
  gauges.replicasDesired.set({ service }, figures.desiredReplicas)
  gauges.replicasTarget.set({ service }, figures.targetReplicas)
  gauges.isPaused.set({ service }, figures.isPaused ? 1 : 0)
  gauges.isEndpointBlocked.set({ service }, figures.endpointStatus === 'BLOCKED' ? 1 : 0)
  gauges.unfinished.set({ service }, figures.unfinishedRequests)
  for (const status of ['PROGRESSING', 'ROLLING_BACK'] as const)
    gauges.isRollingOut.set({ service, status }, runningRollout === status ? 1 : 0)
  if (controllerSeenAtMs !== null)
    gauges.controllerAge.set({ service }, secondsBetween(controllerSeenAtMs, nowMs))
  for (const status of replicaStatuses) {
    if (status === 'TERMINATED') continue
    const count = figures.replicas.find((each) => each.of === status)?.count ?? 0
    gauges.replicas.set({ service, status }, count)
    if (status === 'READY') gauges.replicasReady.set({ service }, count)
  }
  if (autoscaler === null) return
  gauges.autoscalerTarget.set({ service }, autoscaler.targetReplicas)
  gauges.autoscalerUpTicks.set({ service }, autoscaler.upTicks)
  gauges.autoscalerDownTicks.set({ service }, autoscaler.downTicks)
  for (const term of terms) {
    const value = figures.terms[term]
    if (typeof value === 'number') gauges.autoscalerTerm.set({ service, term }, value)
  }
}

/** Bounds of a version never change: each is read once. */
const known = new Map<string, { readonly version: number; readonly min: number; readonly max: number }>()

async function boundsOf(
  { services: { db } }: Container,
  { uid, targetVersion, desiredReplicas }: ServiceFigures,
): Promise<{ readonly min: number; readonly max: number }> {
  const before = known.get(uid)
  if (before?.version === targetVersion) return before
  const { scaling } = (await getServiceVersion(db, uid, targetVersion)).spec.service
  if (scaling === undefined) return { min: desiredReplicas, max: desiredReplicas }
  const bounds = { version: targetVersion, min: scaling.minReplicas, max: scaling.maxReplicas }
  known.set(uid, bounds)
  return bounds
}

function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, (toMs - fromMs) / 1_000)
}
