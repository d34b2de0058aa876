import { SkykeepError } from '@skykeep/core/errors'
import type { RecoveryReport } from '@skykeep/core/nouns'
import { appendEvent, type Because } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

type ReportBody = Omit<RecoveryReport, 'uid' | 'serviceUid' | 'atMs' | 'trigger'>

export interface NewRecoveryReport extends Because {
  readonly report: Omit<RecoveryReport, 'atMs'>
  readonly serviceName: string
  /** One sentence for a person. */
  readonly message: string
}

/** Stores a report with its event. */
export async function insertRecoveryReport(
  tx: Tx,
  { report, ...rest }: NewRecoveryReport,
): Promise<RecoveryReport> {
  const { uid, serviceUid, trigger, ...body } = report
  const row = await tx.client.recoveryReport.create({
    data: {
      uid,
      serviceUid,
      atMs: fromMs(tx.clock.now()),
      trigger,
      // A report is JSON by its type; Prisma only asks for an index signature.
      body: body as unknown as Prisma.InputJsonObject,
      bodyVersion: 1,
    },
  })
  await appendEvent(tx, {
    kind: 'service',
    uid: serviceUid,
    type: 'recovery.report',
    reason: 'RECOVERED',
    payload: {
      reportUid: uid,
      trigger,
      adopted: body.adoptedReplicas.length,
      running: body.runningRequests.length,
      unfinished: body.unfinishedRequests.length,
    },
    ...rest,
  })
  return toReport(row)
}

/** Newest first. @param limit 1 to 100; default 20. */
export async function listRecoveryReports(db: Db, serviceUid: string, limit = 20): Promise<RecoveryReport[]> {
  const rows = await db.client.recoveryReport.findMany({
    where: { serviceUid },
    orderBy: [{ atMs: 'desc' }, { uid: 'desc' }],
    take: Math.min(Math.max(Math.trunc(limit), 1), 100),
  })
  return rows.map(toReport)
}

function toReport(row: Prisma.RecoveryReportGetPayload<object>): RecoveryReport {
  if (row.bodyVersion !== 1) {
    throw new SkykeepError(
      'UNSUPPORTED',
      `recovery report of format ${row.bodyVersion}, this program reads 1`,
    )
  }
  // Format 1 is written by insertRecoveryReport only, from this very type.
  const body = row.body as unknown as ReportBody
  return { ...body, uid: row.uid, serviceUid: row.serviceUid, atMs: toMs(row.atMs), trigger: row.trigger }
}
