import type { Metadata } from 'next'
import { OperationPage } from '#src/features/operations/operation-page.tsx'

export const metadata: Metadata = { title: 'Operation' }

export default async function Page({ params }: PageProps<'/operations/[uid]'>) {
  return <OperationPage uid={decodeURIComponent((await params).uid)} />
}
