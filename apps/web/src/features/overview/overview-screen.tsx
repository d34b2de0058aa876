import { ChevronRight, CircleCheck, FileClock, Server, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import type { OverviewView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { EventLine } from '../events/event-line.tsx'
import { operationColumns } from '../operations/operation-columns.tsx'
import { Figures } from './figures.tsx'
import { ServicesCard } from './services-card.tsx'

/** The state of everything at a glance: figures, what is wrong, what is under way, what changed. */
export function OverviewScreen({ overview }: { readonly overview: OverviewView }) {
  const hasServices = overview.services.some((each) => each.count > 0)
  return (
    <>
      <Figures overview={overview} />
      {hasServices ? (
        <ServicesCard />
      ) : (
        <Card>
          <EmptyState
            icon={Server}
            title="Nothing is served yet"
            command="npx skykeep serve up examples/hello/service.yaml"
          >
            <Link href="/launch" prefetch={false} className="text-accent underline">
              Launch the first one
            </Link>{' '}
            here, or from a terminal; this page follows it live.
          </EmptyState>
        </Card>
      )}
      <Problems problems={overview.problems} />
      {overview.runningOperations.length === 0 ? null : (
        <Card title="Under way" isFlush>
          <DataTable
            label="Operations under way"
            columns={operationColumns}
            rows={overview.runningOperations}
            rowKey={(row) => row.uid}
          />
        </Card>
      )}
      <Card title="Changed lately" isFlush>
        {overview.recentEvents.length === 0 ? (
          <EmptyState icon={FileClock} title="Nothing has happened yet" />
        ) : (
          <ul className="divide-y divide-line">
            {overview.recentEvents.map((event) => (
              <EventLine key={event.seq} event={event} />
            ))}
          </ul>
        )}
      </Card>
    </>
  )
}

function Problems({ problems }: { readonly problems: OverviewView['problems'] }) {
  return (
    <Card title="What is wrong" isFlush>
      {problems.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-3">
          <CircleCheck aria-hidden className="size-4 text-ok" />
          Nothing that Skykeep knows of.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {problems.map((problem) => (
            <li
              key={`${problem.href} ${problem.title}`}
              className="relative flex items-start gap-3 px-4 py-2.5 hover:bg-sunken"
            >
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
              <div className="min-w-0 flex-1">
                <Link
                  href={problem.href}
                  prefetch={false}
                  className="font-medium after:absolute after:inset-0 hover:underline"
                >
                  {problem.title}
                </Link>
                <p className="break-words text-soft">{problem.detail}</p>
              </div>
              <ChevronRight aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
