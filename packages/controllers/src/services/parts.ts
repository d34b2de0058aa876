import type { Replica, Service } from '@skykeep/core/nouns'
import type { ControllerContext } from '../context.ts'
import type { RouteView } from '../routes/route-view.ts'

/** What the service controller is given beside the common context. */
export interface ServiceControllerParts extends ControllerContext {
  readonly routes: RouteView
  /** Called before the first decision that this process takes on a service that had a controller before. */
  readonly onTakeOver: (service: Service, replicas: readonly Replica[]) => Promise<void>
}
