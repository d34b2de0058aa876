import { handleUpload } from '@/server/uploads-route.ts'

export const dynamic = 'force-dynamic'
export { handleUpload as POST }
