'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import type { LogLineView } from '@skykeep/core/log-views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { withoutTerminalCodes } from '@skykeep/core/terminal-text'
import { plural } from '#src/format/quantity.ts'
import { absoluteTime } from '#src/format/time.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { Marked } from './marked.tsx'

const pageLines = 500

export interface LogSearchTerms {
  readonly service: string
  /** Undefined: all replicas, also those that ended. */
  readonly replicaId: number | undefined
  /** '': every line of the time. */
  readonly text: string
  readonly sinceMs: number | undefined
  readonly untilMs: number | undefined
}

/** Lines of the stored logs that have a text or are of a time, searched on the server, a part at a time. */
export function LogSearch({ service, replicaId, text, sinceMs, untilMs }: LogSearchTerms) {
  const trpc = useTRPC()
  const found = useInfiniteQuery(
    trpc.logs.lines.infiniteQueryOptions(
      {
        service,
        limitLines: pageLines,
        sinceMs,
        untilMs,
        contains: text === '' ? undefined : text,
        replicaIds: replicaId === undefined ? undefined : [replicaId],
      },
      { getNextPageParam: (last) => (last.hasMore ? last.cursor : undefined) },
    ),
  )
  if (found.isError)
    return (
      <ProblemNotice error={found.error} kept="The logs are kept." onRetry={() => void found.refetch()} />
    )
  const pages = found.data?.pages ?? []
  const lines = pages.flatMap((page) => page.lines)
  const untimed = new Set(pages.flatMap((page) => page.untimed))
  return (
    <Card isFlush>
      <p className="border-b border-line px-4 py-2 text-soft">
        <output>
          {found.data === undefined ? 'Searching' : resultText(lines.length, found.hasNextPage)}
        </output>
        {untimed.size === 0
          ? null
          : ` Left out, since their logs tell no times: replica ${[...untimed].join(', ')}.`}
      </p>
      <ol aria-label="Lines found" className="bg-sunken py-2 font-mono leading-[1.45rem]">
        {lines.map((line) => (
          <FoundLine key={`${line.replicaId} ${line.nextOffset}`} line={line} text={text} />
        ))}
      </ol>
      {found.hasNextPage ? (
        <div className="border-t border-line p-3">
          <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {found.isFetchingNextPage ? 'Searching' : 'Search on'}
          </Button>
        </div>
      ) : null}
    </Card>
  )
}

function resultText(count: number, hasMore: boolean): string {
  if (hasMore) return `${plural(count, 'line')} so far; not all was looked at.`
  return count === 0
    ? 'No stored line is like that.'
    : `${plural(count, 'line')} found in all that is stored.`
}

function FoundLine({ line, text }: { readonly line: LogLineView; readonly text: string }) {
  return (
    <li className="flex flex-wrap gap-x-3 px-4">
      <span className="shrink-0 text-soft">
        {line.atMs === null ? '' : `${absoluteTime(line.atMs)} `}replica {line.replicaId}
      </span>
      <span className="min-w-0 flex-1 basis-60 break-all whitespace-pre-wrap">
        <Marked line={withoutTerminalCodes(line.text)} needle={text} />
      </span>
    </li>
  )
}
