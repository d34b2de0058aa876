import { handleRole } from '@/server/health-routes.ts'

export const dynamic = 'force-dynamic'
export { handleRole as GET }
