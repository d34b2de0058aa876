import type { TestPlane } from '../../packages/testing/src/plane.ts'
import { consumptionOf, isOwnShell, processesOf, type Consumption } from './consumption.ts'

/** What one part of a plane costs while it is watched. */
export interface Cost {
  readonly name: string
  readonly processes: number
  /** Of one core. */
  readonly cpuPercent: number
  readonly rssMegabytes: number
  readonly pssMegabytes: number
  readonly writesPerSecond: number
  readonly writtenKilobytesPerSecond: number
}

export const replicasName = 'replicas'
export const shellsName = 'shells beside replicas'

export const pause = async (seconds: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** Watches every process of a plane for so long; those that end or begin meanwhile are left out. */
export async function costOf(plane: TestPlane, seconds: number): Promise<readonly Cost[]> {
  const names = await namesByPid(plane)
  const measure = (): ReadonlyMap<number, Consumption> =>
    new Map(
      [...names.keys()].flatMap((pid) => {
        const consumption = consumptionOf(pid)
        return consumption === undefined ? [] : [[pid, consumption] as const]
      }),
    )
  const before = measure()
  await pause(seconds)
  const after = measure()
  return [...new Set(names.values())].map((name) => {
    const pids = [...names].flatMap(([pid, label]) =>
      label === name && before.has(pid) && after.has(pid) ? [pid] : [],
    )
    const of = (moment: ReadonlyMap<number, Consumption>): readonly Consumption[] =>
      pids.flatMap((pid) => moment.get(pid) ?? [])
    return costBetween(name, { before: of(before), after: of(after), seconds })
  })
}

/** The sum of what Skykeep's own processes cost: not that of replicas and of the shells beside them. */
export function ownCost(costs: readonly Cost[]): Cost {
  const own = costs.filter(({ name }) => name !== replicasName && name !== shellsName)
  const all = (of: (cost: Cost) => number): number => own.reduce((sum, cost) => sum + of(cost), 0)
  return {
    name: "all of Skykeep's own",
    processes: all((cost) => cost.processes),
    cpuPercent: all((cost) => cost.cpuPercent),
    rssMegabytes: all((cost) => cost.rssMegabytes),
    pssMegabytes: all((cost) => cost.pssMegabytes),
    writesPerSecond: all((cost) => cost.writesPerSecond),
    writtenKilobytesPerSecond: all((cost) => cost.writtenKilobytesPerSecond),
  }
}

/** Processes by pid: ours by their names, what runs for the services by what it is. */
async function namesByPid(plane: TestPlane): Promise<ReadonlyMap<number, string>> {
  const own = (await plane.system())?.processes ?? []
  const names = new Map(own.map(({ pid, name }) => [pid, name]))
  for (const { pid, command } of processesOf(plane.root)) {
    if (!names.has(pid)) names.set(pid, isOwnShell(command) ? shellsName : replicasName)
  }
  return names
}

interface Watched {
  readonly before: readonly Consumption[]
  readonly after: readonly Consumption[]
  readonly seconds: number
}

function costBetween(name: string, { before, after, seconds }: Watched): Cost {
  const sum = (moment: readonly Consumption[], of: (one: Consumption) => number): number =>
    moment.reduce((total, one) => total + of(one), 0)
  const gained = (of: (one: Consumption) => number): number => sum(after, of) - sum(before, of)
  return {
    name,
    processes: after.length,
    cpuPercent: (gained(({ cpuSeconds }) => cpuSeconds) / seconds) * 100,
    rssMegabytes: sum(after, ({ rssBytes }) => rssBytes) / 2 ** 20,
    pssMegabytes: sum(after, ({ pssBytes }) => pssBytes) / 2 ** 20,
    writesPerSecond: gained(({ writeCalls }) => writeCalls) / seconds,
    writtenKilobytesPerSecond: gained(({ writtenBytes }) => writtenBytes) / seconds / 1024,
  }
}
