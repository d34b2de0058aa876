import { handleMetrics } from '#src/server/metrics-route.ts'

export const dynamic = 'force-dynamic'
export { handleMetrics as GET }
