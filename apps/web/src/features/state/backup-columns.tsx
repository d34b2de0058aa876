import type { BackupView, VerificationView } from '@skykeep/core/state-views'
import type { Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { bytes } from '#src/format/quantity.ts'
import { verificationVisuals } from '#src/status/state-visuals.ts'
import { VerifyButton } from './verify-button.tsx'

interface BackupRow extends BackupView {
  readonly mayVerify: boolean
  /** A check is under way: one at a time. */
  readonly isVerifying: boolean
}

export const backupColumns: readonly Column<BackupRow>[] = [
  {
    id: 'made',
    header: 'Made',
    cell: ({ createdAtMs, name }) => (
      <>
        <span className="font-medium">
          {createdAtMs === null ? 'Not readable' : <RelativeTime atMs={createdAtMs} />}
        </span>
        <span className="block font-mono text-[0.85rem] wrap-anywhere text-soft">{name}</span>
      </>
    ),
  },
  { id: 'size', header: 'Size', isNumber: true, cell: (backup) => bytes(backup.bytes) },
  {
    id: 'verified',
    header: 'Check',
    cell: ({ verification }) => <Verification verification={verification} />,
  },
  {
    id: 'holds',
    header: 'Holds',
    cell: ({ createdAtMs, hasLogs, program, keyVersion }) =>
      createdAtMs === null ? null : (
        <>
          {hasLogs ? 'All, with logs' : 'All but logs'}
          <span className="block text-[0.88rem] text-soft">
            {program === '' ? '' : `Skykeep ${program}, `}
            {keyVersion === null ? 'no key proves it' : `key v${keyVersion} proves it`}
          </span>
        </>
      ),
  },
  {
    id: 'action',
    header: 'Action',
    isNumber: true,
    cell: ({ mayVerify, isVerifying, name }) =>
      mayVerify ? <VerifyButton name={name} isBusy={isVerifying} /> : null,
  },
]

function Verification({ verification }: { readonly verification: VerificationView | null }) {
  if (verification === null) return <StatusBadge visual={verificationVisuals.unchecked} />
  const { isIdentical, atMs, message } = verification
  return (
    <>
      <StatusBadge visual={verificationVisuals[isIdentical ? 'identical' : 'differs']} />
      <span className="block text-[0.88rem] text-soft">
        <RelativeTime atMs={atMs} />
        {isIdentical ? null : <span className="block wrap-anywhere">{message}</span>}
      </span>
    </>
  )
}
