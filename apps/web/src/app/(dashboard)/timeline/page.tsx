import type { Metadata } from 'next'
import { TimelinePage } from '#src/features/timeline/timeline-page.tsx'

export const metadata: Metadata = { title: 'Timeline' }

export default TimelinePage
