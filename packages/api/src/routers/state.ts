import { startBackup, verifyBackup, verifyBackupInput } from '@skykeep/actions/state/begin-work'
import { getFindings } from '@skykeep/actions/state/get-findings'
import { getMasterKey } from '@skykeep/actions/state/get-master-key'
import { getSizes } from '@skykeep/actions/state/get-sizes'
import { listBackups } from '@skykeep/actions/state/list-backups'
import { listLimits } from '@skykeep/actions/state/list-limits'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

/** The persistent path: what `skykeep state` shows and does, as far as it can be done while this process serves. */
export const stateRouter = router({
  findings: authedProcedure
    .meta(
      rest('GET /state/findings', 'Examine the persistent path', {
        description: 'What `skykeep state doctor` says, at most ten seconds old. Changes nothing.',
      }),
    )
    .query(({ ctx }) => getFindings(ctx.action)),
  sizes: authedProcedure
    .meta(rest('GET /state/sizes', 'Show what database and persistent path take'))
    .query(({ ctx }) => getSizes(ctx.action)),
  limits: authedProcedure
    .meta(rest('GET /state/limits', 'Show how much of the past is kept'))
    .query(({ ctx }) => listLimits(ctx.action)),
  masterKey: authedProcedure
    .meta(
      rest('GET /state/master-key', 'Show how the master key stands', {
        description: 'Where it comes from and whether it is the right one; never the key.',
      }),
    )
    .query(({ ctx }) => getMasterKey(ctx.action)),
  backups: authedProcedure
    .meta(
      rest('GET /state/backups', 'List the backups', {
        description: 'Newest first, each with what the last check of it found, and what is under way.',
      }),
    )
    .query(({ ctx }) => listBackups(ctx.action)),
  backUp: authedProcedure
    .meta(
      rest('POST /state/backups', 'Make a backup', {
        noIdempotencyKeyBecause:
          'its work is a process, and no row that could be written with the key; while one is under way, a repetition says 409',
        description:
          'Begins one in a process of its own and answers what is under way. Its end is an event: `state.backed-up` or `state.failed`.',
      }),
    )
    .mutation(({ ctx }) => startBackup(ctx.action)),
  verify: authedProcedure
    .meta(
      rest('POST /state/backups/{name}/verification', 'Verify a backup', {
        noIdempotencyKeyBecause:
          'its work is a process, and no row that could be written with the key; while one is under way, a repetition says 409',
        description:
          'Begins to restore it into a temporary database and to compare. Its end is an event: `state.verified` or `state.failed`.',
        example: { name: 'skykeep-ins_1-20261128T031500-000Z.tar.zst' },
      }),
    )
    .input(verifyBackupInput)
    .mutation(({ ctx, input }) => verifyBackup(ctx.action, input)),
})
