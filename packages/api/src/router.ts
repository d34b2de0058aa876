import { authRouter } from './routers/auth.ts'
import { drillsRouter } from './routers/drills.ts'
import { eventsRouter } from './routers/events.ts'
import { logsRouter } from './routers/logs.ts'
import { operationsRouter } from './routers/operations.ts'
import { serviceKeysRouter } from './routers/service-keys.ts'
import { servicesRouter } from './routers/services.ts'
import { stateRouter } from './routers/state.ts'
import { systemRouter } from './routers/system.ts'
import { trafficRouter } from './routers/traffic.ts'
import { tokensRouter } from './routers/tokens.ts'
import { watchRouter } from './routers/watch.ts'
import { router } from './trpc.ts'

export const appRouter = router({
  auth: authRouter,
  tokens: tokensRouter,
  services: servicesRouter,
  serviceKeys: serviceKeysRouter,
  logs: logsRouter,
  operations: operationsRouter,
  events: eventsRouter,
  watch: watchRouter,
  system: systemRouter,
  state: stateRouter,
  traffic: trafficRouter,
  drills: drillsRouter,
})

/** Clients import it with `import type` only: nothing of the server reaches a browser. */
export type AppRouter = typeof appRouter
