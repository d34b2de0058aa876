import type { Metadata } from 'next'
import { ServicePage } from '#src/features/service/service-page.tsx'

type Props = PageProps<'/services/[name]'>

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function Page({ params }: Props) {
  return <ServicePage name={decodeURIComponent((await params).name)} />
}
