'use client'

import { Rocket } from 'lucide-react'
import type { ServiceCheckView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useMay } from '#src/session/use-may.ts'
import { LaunchProblem } from './launch-problem.tsx'
import { useAskForLaunch, type Wish } from './use-launch.ts'

/** Asks for what is on the page, and follows its operation. */
export function LaunchButton({
  wish,
  check,
  isOld,
  onAsked,
}: {
  readonly wish: Wish
  readonly check: ServiceCheckView | undefined
  readonly isOld: boolean
  /** It was taken. */
  readonly onAsked: () => void
}) {
  const url = useUrlFilters()
  const notify = useNotify()
  const mayWrite = useMay('service:write')
  const asking = useAskForLaunch()
  const hindrance = mayWrite ? hindranceOf(wish, check) : 'You may look, and not change services.'
  const launch = (): void => {
    if (check === undefined) return
    asking.mutate(
      { wish, check },
      {
        onSuccess: ({ operationUid, note }) => {
          onAsked()
          if (operationUid === null) notify({ tone: 'ok', title: 'Nothing to do', text: note ?? '' })
          else url.set({ operation: operationUid }, 'push')
        },
      },
    )
  }
  const verb = check?.living === null || check?.living === undefined ? 'Bring up' : 'Update'
  return (
    <>
      {asking.isError ? (
        <LaunchProblem error={asking.error} kept="Nothing was changed; your text is kept." />
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button look="solid" disabled={hindrance !== null || isOld || asking.isPending} onClick={launch}>
          <Rocket aria-hidden />
          {asking.isPending ? 'Asking…' : `${verb} ${check?.spec?.name ?? 'the service'}`}
        </Button>
        <output className="text-soft">{hindrance}</output>
      </div>
    </>
  )
}

/** Why it cannot be asked for as it stands; null: it can. */
function hindranceOf({ folder }: Wish, check: ServiceCheckView | undefined): string | null {
  if (check?.spec === undefined) return check === undefined ? 'Write a YAML first.' : 'Mend the errors first.'
  const isNew = check.living === null || check.living === undefined
  const lacksFolder = isNew && check.spec.task.workdir !== undefined && folder === null
  return lacksFolder ? 'Choose the working folder first.' : null
}
