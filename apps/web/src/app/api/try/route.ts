import { handleTry } from '#src/server/try-route.ts'

export const dynamic = 'force-dynamic'
export { handleTry as POST }
