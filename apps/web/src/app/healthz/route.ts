import { handleHealth } from '@/server/health-routes.ts'

export const dynamic = 'force-dynamic'
export { handleHealth as GET }
