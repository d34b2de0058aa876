import type { Metadata } from 'next'
import { LaunchPage } from '#src/features/launch/launch-page.tsx'

export const metadata: Metadata = { title: 'Launch' }

export default LaunchPage
