'use client'

import { Pause, Play } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { linesOf } from '#src/format/log-text.ts'
import { bytes, plural } from '#src/format/quantity.ts'
import { DownloadButton } from './download-button.tsx'
import { LogLines } from './log-lines.tsx'
import { useLog } from './use-log.ts'

/** One replica's log, its end first: follow or hold. */
export function LogView({ service, replicaId }: { readonly service: string; readonly replicaId: number }) {
  const [isFollowing, setFollowing] = useState(true)
  const { buffer, error } = useLog({ service, replicaId }, isFollowing)
  const text = useDeferredValue(buffer.text)
  const lines = useMemo(() => linesOf(text), [text])
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          aria-pressed={isFollowing}
          disabled={buffer.isEnded}
          onClick={() => setFollowing(!isFollowing)}
        >
          {isFollowing ? <Pause aria-hidden /> : <Play aria-hidden />}
          {isFollowing ? 'Pause' : 'Follow'}
        </Button>
        <DownloadButton service={service} replicaId={replicaId} />
        <output className="text-soft sm:ml-auto">
          {plural(lines.length, 'line')}
          {buffer.isEnded ? ' · ended' : isFollowing ? ' · following' : ' · held'}
        </output>
      </div>
      {error === null ? null : <ProblemNotice error={error} kept="The log itself is kept on the node." />}
      <Card isFlush>
        {buffer.offset > 0 ? (
          <p className="border-b border-line px-4 py-2 text-soft">
            The first {bytes(buffer.offset)} are not shown here; search and download look at all that is
            stored.
          </p>
        ) : null}
        <LogLines lines={lines} isFollowing={isFollowing} />
      </Card>
    </div>
  )
}
