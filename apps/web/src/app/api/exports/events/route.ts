import { handleEventExport } from '#src/server/export-route.ts'

export const dynamic = 'force-dynamic'
export { handleEventExport as GET }
