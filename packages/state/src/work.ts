import type { StateWorkKind, StateWorkView } from '@skykeep/core/state-views'
import type { Layout } from '@skykeep/persistent-path/layout'
import { namesIn } from '@skykeep/persistent-path/leftovers'
import { identityOf } from '@skykeep/persistent-path/process-identity'

/** What a backup or a check has on the disk while it works, with the number of its process. */
const traces: Readonly<Record<StateWorkKind, RegExp>> = {
  backup: /^\.?backup\.(\d+)\.(?:db|tmp)$/,
  verify: /^skykeep-verify-(\d+)-\w{6}$/,
}

/** The backups and checks that are under way on this machine, whoever began them. A process that is gone left only leftovers. */
export function workOn({ tmpDir, backupsDir }: Layout): readonly StateWorkView[] {
  const names = [tmpDir, backupsDir].flatMap(namesIn)
  const kinds = Object.entries(traces) as readonly [StateWorkKind, RegExp][] // keys of that very record
  const found = kinds.flatMap(([kind, trace]) =>
    names.flatMap((name) => {
      const pid = Number(trace.exec(name)?.[1])
      return identityOf(pid) === undefined ? [] : [{ kind, pid }]
    }),
  )
  return [...new Map(found.map((work) => [`${work.kind} ${work.pid}`, work])).values()]
}
