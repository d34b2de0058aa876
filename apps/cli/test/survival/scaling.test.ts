import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const scaling = `  replica_policy:
    min_replicas: 1
    max_replicas: 5
    target_in_flight_per_replica: 2
    downscale_delay_seconds: 6`

/** Looks at the target for long enough that several ticks would have lowered it. */
async function watchTarget(service: LoadedService, looks: number): Promise<readonly number[]> {
  const targets: number[] = []
  for (let look = 0; look < looks; look += 1) {
    // Each look starts a process of its own: together they last longer than the delay before scaling down.
    targets.push((await service.status()).target)
  }
  return targets
}

describe('a loaded service that scales', () => {
  let service: LoadedService
  beforeAll(async () => {
    const plan = { requestsPerSecond: 50, streams: 8, webSockets: 6 }
    service = await loadedService({ scaling, plan })
  })
  afterAll(async () => await service.end())

  it('follows the requests in flight in seconds, up to its maximum, and says why', async () => {
    const at = await until('five replicas are ready', async () => {
      const status = await service.status()
      return status.target === 5 && status.ready === 5 && status
    })
    expect(readyPids(at).size).toBe(5)
    const shown = await service.plane.cli('serve', 'status', 'loaded')
    expect(shown.stdout).toContain('in flight')
  })

  it('skypilot 3.5 #3: killed at five replicas and back, the control plane still aims at five and removes none', async () => {
    const before = readyPids(await service.status())
    const names = ['worker', 'web', 'supervisor']
    const pids = await Promise.all(names.map(async (name) => await service.plane.pidOf(name)))
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    service.plane.up()
    await service.plane.untilActive()
    expect(new Set(await watchTarget(service, 12))).toEqual(new Set([5]))
    expect(readyPids(await service.status())).toEqual(before)
    expect(summary(service.load.failures)).toEqual([])
  })

  it('invariant 11: with no counts for a minute, its gateways and supervisor stopped, it keeps five and the same five', async () => {
    const before = readyPids(await service.status())
    const names = ['supervisor', 'gateway-0', 'gateway-1']
    const pids = await Promise.all(names.map(async (name) => await service.plane.pidOf(name)))
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const targets = new Set<number>()
    const endMs = performance.now() + 65_000
    while (performance.now() < endMs) for (const target of await watchTarget(service, 3)) targets.add(target)
    for (const pid of pids) process.kill(pid, 'SIGCONT')
    await service.plane.untilActive()
    for (const target of await watchTarget(service, 6)) targets.add(target)
    expect(targets).toEqual(new Set([5]))
    expect(readyPids(await service.status())).toEqual(before)
  })

  it('goes down to its minimum once nothing is in flight', async () => {
    await service.load.abandon()
    const left = await until(
      'one replica is left',
      async () => {
        const status = await service.status()
        return status.target === 1 && status.ready === 1 && status
      },
      90_000,
    )
    expect(readyPids(left).size).toBe(1)
  })
})
