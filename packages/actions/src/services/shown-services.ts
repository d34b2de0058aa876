import type { Service } from '@skykeep/core/nouns'
import type { ServiceSummary } from '@skykeep/core/views'
import { listEndpoints } from '@skykeep/db/endpoints'
import { countReadyReplicas } from '@skykeep/db/replica-counts'
import { listRunningRollouts } from '@skykeep/db/rollouts'
import { listServices } from '@skykeep/db/services'
import { userNames } from '@skykeep/db/users'
import type { ActionServices } from '../context.ts'
import { figuresOf } from '../traffic/figures.ts'
import { toServiceSummary } from './service-view.ts'
import { tlsServices } from './tls-services.ts'

/** Living services looked at where the shown status decides: far above what one control plane drives. */
const scannedMax = 10_000

/**
 * The rows as people see them.
 * @param counted ready replicas by service, where their list was read already: a count beside it would be of another moment.
 */
export async function toSummaries(
  { db, clock }: Pick<ActionServices, 'db' | 'clock'>,
  services: readonly Service[],
  counted: ReadonlyMap<string, number> | null = null,
): Promise<readonly ServiceSummary[]> {
  const uids = services.map((service) => service.uid)
  const ready = counted ?? (await countReadyReplicas(db, uids))
  const endpoints = new Map((await listEndpoints(db)).map((endpoint) => [endpoint.serviceUid, endpoint]))
  const names = await userNames(
    db,
    services.map((service) => service.createdBy),
  )
  const tls = await tlsServices(
    db,
    services.map(({ uid, targetVersion }) => ({ serviceUid: uid, version: targetVersion })),
  )
  const now = clock.now()
  const rollouts = new Map((await listRunningRollouts(db)).map((rollout) => [rollout.serviceUid, rollout]))
  const figures = await figuresOf(db, now)
  return services.map((service) => {
    const parts = {
      service,
      endpoint: endpoints.get(service.uid) ?? null,
      readyReplicas: ready.get(service.uid) ?? 0,
      isTls: tls.has(service.uid),
      rollout: rollouts.get(service.uid) ?? null,
      traffic: figures.get(service.uid) ?? null,
    }
    return { ...toServiceSummary(parts, now), createdBy: names.get(service.createdBy) ?? service.createdBy }
  })
}

/** Every living service of the workspace as people see it, newest first. */
export async function shownServices(
  context: Pick<ActionServices, 'db' | 'clock' | 'workspace'>,
  nameContains?: string,
): Promise<readonly ServiceSummary[]> {
  const services: Service[] = []
  for (let cursor: string | null | undefined; cursor !== null && services.length < scannedMax;) {
    const page = await listServices(context.db, {
      workspace: context.workspace,
      limit: 500,
      ...(nameContains === undefined ? {} : { nameContains }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    services.push(...page.items)
    cursor = page.nextCursor
  }
  return await toSummaries(context, services)
}
