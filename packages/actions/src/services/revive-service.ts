import type { UpResult } from '@skykeep/core/views'
import { getEndpoint } from '@skykeep/db/endpoints'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { bringServiceBack, broughtBackNote } from './bring-back.ts'
import type { ServiceNameInput } from './schemas.ts'
import { toEndpointView } from './service-view.ts'
import { serviceToChange } from './service-to-change.ts'
import { tlsServices } from './tls-services.ts'

/**
 * `serve up NAME`: what of a living service was set aside is tried again; everything else goes on as it is. Throws NOT_FOUND, CONFLICT
 * (being shut down), FENCED.
 */
export async function reviveService(context: ActionContext, input: ServiceNameInput): Promise<UpResult> {
  authorize(context.actor, 'service:write')
  return await context.db.transaction(
    async (tx) => {
      const service = await serviceToChange(context, tx, input.name)
      const names = await bringServiceBack(context, tx, service)
      const endpoint = await getEndpoint(tx, service.uid)
      const tls = await tlsServices(tx, [{ serviceUid: service.uid, version: service.targetVersion }])
      return await recordAnswer(context, tx, {
        operationUid: null,
        serviceUid: service.uid,
        name: service.name,
        endpointUrl: toEndpointView(endpoint, tls.has(service.uid)).url,
        note: broughtBackNote(service.name, names),
      })
    },
    { fence: context.fence },
  )
}
