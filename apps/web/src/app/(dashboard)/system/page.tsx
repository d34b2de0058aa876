import type { Metadata } from 'next'
import { SystemPage } from '#src/features/system/system-page.tsx'

export const metadata: Metadata = { title: 'System' }

export default SystemPage
