import { handleRole } from '#src/server/health-routes.ts'

export const dynamic = 'force-dynamic'
export { handleRole as GET }
