import { handleUpload } from '#src/server/uploads-route.ts'

export const dynamic = 'force-dynamic'
export { handleUpload as POST }
