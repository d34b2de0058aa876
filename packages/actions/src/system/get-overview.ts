import type { OverviewView, ShownServiceStatus } from '@skykeep/core/views'
import { listEvents } from '@skykeep/db/events'
import { listOperations } from '@skykeep/db/operations'
import { listSetAside } from '@skykeep/db/reconciliations'
import { countReplicas } from '@skykeep/db/replicas'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toOperationViews } from '../operations/operation-view.ts'
import { shownServices } from '../services/shown-services.ts'
import { problemsOf } from './problems.ts'

const recentEventsMax = 20
const runningOperationsMax = 50

/** What a person looks at first: how many of what, what is wrong, what is under way, what happened last. */
export async function getOverview(context: ActionContext): Promise<OverviewView> {
  authorize(context.actor, 'system:read')
  const { db, plane, workspace } = context
  const [processes, storage] = await Promise.all([plane.processes(), plane.storage()])
  const services = await shownServices(context)
  const running = await listOperations(db, {
    workspace,
    statuses: ['PENDING', 'RUNNING'],
    limit: runningOperationsMax,
  })
  const counts = new Map<ShownServiceStatus, number>()
  for (const { status } of services) counts.set(status, (counts.get(status) ?? 0) + 1)
  return {
    services: [...counts].map(([status, count]) => ({ status, count })),
    replicas: await countReplicas(db),
    problems: problemsOf({
      storage,
      processes,
      services,
      setAside: await listSetAside(db),
      pathProblem: (await plane.pathProblem?.()) ?? null,
    }),
    runningOperations: await toOperationViews(db, running.items),
    recentEvents: await listEvents(db, { limit: recentEventsMax }),
    storage,
  }
}
