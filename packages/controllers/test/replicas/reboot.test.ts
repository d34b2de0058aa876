import { listSpotLocations } from '@skykeep/db/spot-locations'
import { livingNodes } from '@skykeep/provider-sim/sim-world'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { CloudWorld, serviceUid } from './cloud-world.ts'

const replicas = 12
const mostAtOnce = 8

forEachDatabase('a host that was booted again', (source) => {
  it('invariant 19: all come back, eight at a time, and nothing is charged to the service', async () => {
    const service = { replicas }
    const world = await CloudWorld.create(source, { service }, { isServiceDriven: true })
    const ready = async () => (await world.replicas()).filter(({ status }) => status === 'READY').length
    await world.until('all are ready', async () => (await ready()) === replicas)
    world.cloud.reboot()
    world.kill()
    let peak = 0
    const statuses = new Set<string>()
    await world.until('all are ready again', async () => {
      const rows = await world.replicas()
      const launching = rows.filter(({ status }) => status === 'PENDING' || status === 'PROVISIONING')
      peak = Math.max(peak, launching.length)
      statuses.add((await world.service()).status)
      const isOver = rows.slice(0, replicas).every(({ status }) => status === 'TERMINATED')
      return isOver && (await ready()) === replicas
    })
    const rows = await world.replicas()
    expect(rows.slice(0, replicas).map(({ outcome }) => outcome)).toEqual(
      rows.slice(0, replicas).map(() => 'LOST'),
    )
    expect(rows).toHaveLength(2 * replicas)
    expect([peak > 1, peak <= mostAtOnce]).toEqual([true, true])
    expect(statuses).not.toContain('FAILED')
    expect(livingNodes(world.cloud.world, world.clock.now())).toHaveLength(replicas)
  })

  it('invariant 19: in the middle of its own recovery too', async () => {
    const world = await CloudWorld.create(source, { service: { replicas: 3 } }, { isServiceDriven: true })
    const isWhole = async () => {
      const rows = (await world.replicas()).filter(({ status }) => status !== 'TERMINATED')
      return rows.length === 3 && rows.every(({ status }) => status === 'READY')
    }
    await world.until('all are ready', isWhole)
    world.cloud.reboot()
    await world.until('new ones start', async () =>
      (await world.replicas()).some(({ replicaId, status }) => replicaId > 3 && status === 'STARTING'),
    )
    world.cloud.reboot()
    world.kill()
    await world.until('all are ready again', isWhole)
    const outcomes = new Set((await world.replicas()).flatMap(({ outcome }) => outcome ?? []))
    expect(outcomes).toEqual(new Set(['LOST']))
  })

  it('a service on spot capacity that is taken back comes up in another place', async () => {
    const resources = { useSpot: true }
    const scaling = {
      minReplicas: 1,
      maxReplicas: 1,
      metric: { kind: 'fixed' },
      numOverprovision: 0,
      upscaleDelaySeconds: 0,
      downscaleDelaySeconds: 0,
      isDynamicOndemandFallback: false,
      baseOndemandFallbackReplicas: 0,
      spotPlacer: 'dynamic_fallback',
    } as const
    const service = { replicas: 1, scaling }
    const world = await CloudWorld.create(source, { resources, service }, { isServiceDriven: true })
    await world.untilStatus(1, 'READY')
    const first = await world.replica(1)
    expect(first.isSpot).toBe(true)
    await world.cloud.preemptNode(first.nodeId ?? '')
    await world.untilStatus(2, 'READY')
    const second = await world.replica(2)
    expect([second.isSpot, second.zone === first.zone]).toEqual([true, false])
    expect(await listSpotLocations(world.database, serviceUid)).toMatchObject([
      { infra: 'sim', zone: first.zone, status: 'PREEMPTED' },
    ])
  })
})
