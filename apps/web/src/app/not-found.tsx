import Link from 'next/link'
import { buttonClasses } from '#src/components/ui/button.tsx'

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
      <h1 className="text-[1.45rem] font-semibold">There is no such page</h1>
      <p className="text-soft">The address may be mistyped, or what stood here is gone.</p>
      <Link href="/" className={buttonClasses('solid')}>
        Go to the overview
      </Link>
    </main>
  )
}
