import type { RecoveryReportView, ServiceView } from '@skykeep/core/views'
import { watchUntil } from './pausing.ts'
import { journalledMs, type BrokenStream } from './long-stream.ts'
import type { PlaneParts } from './plane-parts.ts'
import type { DrillSetting } from './drill-setting.ts'
import { replacedSince } from './service-again.ts'
import type { Victims } from './victims.ts'

/** What the control plane itself has to say of a death. */
export interface Aftermath {
  readonly replaced: readonly string[]
  readonly reports: readonly RecoveryReportView[]
  readonly newOrphans: readonly string[]
  readonly unfinished: number
  readonly unfinishedOfOthers: number
}

export interface Before {
  readonly service: ServiceView
  readonly parts: PlaneParts
  readonly victims: Victims
  readonly brokenStreams: readonly BrokenStream[]
}

/** A new worker reports within its first pass, and gateways hand over what they lost with the next one. */
const reportMs = 30_000
const lookMs = 200

/** Reads what stands in reports and lists since the death; waits for what is bound to come. Throws Interrupted. */
export async function aftermathOf(setting: DrillSetting, before: Before): Promise<Aftermath> {
  const { asker, name, signal } = setting
  const isReported = before.victims.parts.some((part) => part.name === 'worker')
  const listed = before.brokenStreams.filter(({ ageMs }) => ageMs > journalledMs).length
  let latest = read(setting, before, before.service)
  await watchUntil(
    async () => {
      const now = await asker.now((api) => api.services.get.query({ name }))
      if (now === undefined) return false
      latest = read(setting, before, now)
      return latest.unfinished >= listed && (latest.reports.length > 0 || !isReported)
    },
    { withinMs: reportMs, everyMs: lookMs, signal },
  )
  return latest
}

function read({ path, options }: DrillSetting, before: Before, now: ServiceView): Aftermath {
  const oldReports = new Set(before.service.recoveryReports.map(({ uid }) => uid))
  const oldRequests = new Set(before.service.unfinishedRequests.map(({ id }) => id))
  const lost = now.unfinishedRequests.filter(({ id }) => !oldRequests.has(id))
  const paths = new Set([path, options.stream].map((each) => each?.split('?')[0]))
  const own = lost.filter((request) => request.method === 'GET' && paths.has(request.path))
  const reports = now.recoveryReports.filter(({ uid }) => !oldReports.has(uid))
  const oldOrphans = new Set(before.service.recoveryReports.flatMap(({ orphans }) => orphans))
  return {
    replaced: replacedSince(before.service, now, before.victims.replica?.replicaUid),
    reports,
    newOrphans: reports.flatMap(({ orphans }) => orphans.filter((name) => !oldOrphans.has(name))),
    unfinished: own.length,
    unfinishedOfOthers: lost.length - own.length,
  }
}
