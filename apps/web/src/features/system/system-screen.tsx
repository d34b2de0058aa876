import type { ReactNode } from 'react'
import type { ProcessView, SystemView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { bytes, plural } from '#src/format/quantity.ts'
import { duration } from '#src/format/time.ts'
import { processVisuals, storageVisuals } from '#src/status/visuals.ts'
import { BackupsCard } from '../state/backups-card.tsx'
import { FindingsCard } from '../state/findings-card.tsx'
import { LatestDrillsCard } from '../state/latest-drills-card.tsx'
import { LimitsCard } from '../state/limits-card.tsx'
import { MasterKeyCard } from '../state/master-key-card.tsx'
import { SizesCard } from '../state/sizes-card.tsx'
import { MachineryCards } from './machinery-cards.tsx'
import { SetAsideCard } from './set-aside-card.tsx'
import { SystemHistory } from './system-history.tsx'

const processColumns: readonly Column<ProcessView>[] = [
  { id: 'name', header: 'Process', cell: (process) => <span className="font-medium">{process.name}</span> },
  { id: 'state', header: 'State', cell: (process) => <ProcessState process={process} /> },
  { id: 'pid', header: 'Pid', isNumber: true, cell: (process) => process.pid },
  { id: 'port', header: 'Port', isNumber: true, cell: (process) => process.port },
  {
    id: 'build',
    header: 'Build',
    cell: (process) => (
      <span title={process.build} className="font-mono break-all">
        {process.build.slice(process.build.lastIndexOf('/') + 1)}
      </span>
    ),
  },
  {
    id: 'started',
    header: 'Started',
    isNumber: true,
    cell: (process) => <RelativeTime atMs={process.startedAtMs} />,
  },
]

function ProcessState({ process: { state, drain, faults } }: { readonly process: ProcessView }) {
  return (
    <div>
      <StatusBadge visual={processVisuals[state]} />
      {drain === null ? null : (
        <p className="mt-0.5 text-[0.88rem] text-soft">
          carries {plural(drain.connections, 'connection')}; ends within {duration(drain.endsInMs)}
        </p>
      )}
      {faults.map((fault) => (
        <p key={fault} className="mt-0.5 max-w-md text-[0.88rem] break-words text-warn">
          {fault}
        </p>
      ))}
    </div>
  )
}

/** Every part of the control plane and how it stands. */
export function SystemScreen({ system }: { readonly system: SystemView }) {
  const { storage, gateway, database, counts } = system
  return (
    <>
      <FindingsCard />
      <Card title="Processes" isFlush>
        <DataTable
          label="Processes"
          columns={processColumns}
          rows={system.processes}
          rowKey={(row) => row.name}
        />
      </Card>
      <div className="grid gap-5 lg:grid-cols-2">
        <Card title="Persistent path">
          <KeyValues
            rows={[
              { key: 'Path', value: <Copyable text={system.persistentPath} /> },
              { key: 'Storage', value: <StatusBadge visual={storageVisuals[storage.state]} /> },
              ...(storage.reason === '' ? [] : [{ key: 'Reason', value: storage.reason }]),
              ...(system.pathProblem === null ? [] : [{ key: 'Not followed', value: system.pathProblem }]),
              { key: 'Free', value: bytes(storage.freeBytes) },
              { key: 'Reserve', value: bytes(storage.reserveBytes) },
              {
                key: 'Installation',
                value: <span className="font-mono break-all">{system.installationId}</span>,
              },
            ]}
          />
        </Card>
        <Card title="Database">
          <KeyValues
            rows={[
              { key: 'Kind', value: database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL' },
              { key: 'Location', value: <span className="font-mono break-all">{database.location}</span> },
              { key: 'Migration', value: <span className="font-mono break-all">{database.migration}</span> },
              {
                key: 'Rows',
                value: `${plural(counts.services, 'service')}, ${plural(counts.replicas, 'replica')}, ${plural(counts.operations, 'operation')}, ${plural(counts.events, 'event')}`,
              },
            ]}
          />
        </Card>
        <Card title="Gateway">
          <KeyValues
            rows={[
              { key: 'Route table', value: `Version ${gateway.tableVersion}` },
              {
                key: 'Applied',
                value: appliedText(gateway),
              },
              { key: 'Ports', value: gateway.ports.length === 0 ? 'None' : gateway.ports.join(', ') },
            ]}
          />
        </Card>
        <Card title="Control plane">
          <KeyValues
            rows={[
              { key: 'Role', value: system.role === 'active' ? 'Active' : 'Stands by' },
              { key: 'Fence', value: system.fence },
              { key: 'Version', value: system.version },
            ]}
          />
        </Card>
      </div>
      <BackupsCard />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <MasterKeyCard />
        <SizesCard />
      </div>
      <LatestDrillsCard />
      <LimitsCard />
      <MachineryCards />
      <SetAsideCard rows={system.setAside} />
      <SystemHistory />
    </>
  )
}

function appliedText({ ackedVersion, tableVersion }: SystemView['gateway']): string {
  if (ackedVersion < 0) return 'No gateway process answers'
  if (ackedVersion < tableVersion) return `Version ${ackedVersion}; the newest is on its way`
  return 'By every gateway process'
}

function Copyable({ text }: { readonly text: string }): ReactNode {
  return (
    <span className="flex items-center gap-1">
      <span className="font-mono break-all">{text}</span>
      <span className="-my-1">
        <CopyButton text={text} label="Copy the path" />
      </span>
    </span>
  )
}
