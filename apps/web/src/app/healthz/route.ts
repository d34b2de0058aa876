import { handleHealth } from '#src/server/health-routes.ts'

export const dynamic = 'force-dynamic'
export { handleHealth as GET }
