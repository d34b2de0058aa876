'use client'

import { Button } from '#src/components/ui/button.tsx'

export default function DashboardError({ reset }: { readonly reset: () => void }) {
  return (
    <div role="alert" className="grid justify-items-start gap-3 rounded-lg border border-line bg-surface p-6">
      <h1 className="text-[1.2rem] font-semibold">This page broke</h1>
      <p className="text-soft">
        Nothing was changed, and your services go on. The log of the web process says more; `npx skykeep state
        where` names its folder.
      </p>
      <Button look="solid" onClick={reset}>
        Show it again
      </Button>
    </div>
  )
}
