import type { Metadata } from 'next'
import { ServicesPage } from '#src/features/services/services-page.tsx'

export const metadata: Metadata = { title: 'Services' }

export default ServicesPage
