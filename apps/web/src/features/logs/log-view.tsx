'use client'

import { Pause, Play } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { SearchField } from '#src/components/ui/search-field.tsx'
import { SelectField, type Choice } from '#src/components/ui/select-field.tsx'
import { linesOf } from '#src/format/log-text.ts'
import { bytes, plural } from '#src/format/quantity.ts'
import { LogLines } from './log-lines.tsx'
import { useLog } from './use-log.ts'

/** One replica's log: follow or hold, and show only the lines with a text. */
export function LogView({
  service,
  replicaId,
  choices,
  onChoose,
}: {
  readonly service: string
  readonly replicaId: number
  readonly choices: readonly Choice[]
  readonly onChoose: (replicaId: string) => void
}) {
  const [isFollowing, setFollowing] = useState(true)
  const [needle, setNeedle] = useState('')
  const { buffer, error } = useLog({ service, replicaId }, isFollowing)
  const text = useDeferredValue(buffer.text)
  const lines = useMemo(() => linesOf(text), [text])
  const shown = useMemo(
    () => (needle === '' ? lines : lines.filter((line) => line.toLowerCase().includes(needle.toLowerCase()))),
    [lines, needle],
  )
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SelectField label="Replica" value={String(replicaId)} choices={choices} onChange={onChoose} />
        <SearchField label="Only lines with" initial="" onSearch={setNeedle} />
        <Button
          aria-pressed={isFollowing}
          disabled={buffer.isEnded}
          onClick={() => setFollowing(!isFollowing)}
        >
          {isFollowing ? <Pause aria-hidden /> : <Play aria-hidden />}
          {isFollowing ? 'Pause' : 'Follow'}
        </Button>
        <output className="text-soft sm:ml-auto">
          {needle === ''
            ? plural(lines.length, 'line')
            : `${plural(shown.length, 'line')} of ${lines.length}`}
          {buffer.isEnded ? ' · ended' : isFollowing ? ' · following' : ' · held'}
        </output>
      </div>
      {error === null ? null : <ProblemNotice error={error} kept="The log itself is kept on the node." />}
      <Card isFlush>
        {buffer.offset > 0 ? (
          <p className="border-b border-line px-4 py-2 text-soft">
            The first {bytes(buffer.offset)} are not shown;{' '}
            <code>
              npx skykeep serve logs {service} {replicaId}
            </code>{' '}
            has all.
          </p>
        ) : null}
        <LogLines lines={shown} needle={needle} isFollowing={isFollowing} />
      </Card>
    </div>
  )
}
