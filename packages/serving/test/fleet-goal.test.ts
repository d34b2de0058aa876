import type { ReplicaStatus } from '@skykeep/core/statuses'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fleetGoal } from '../src/fleet-goal.ts'
import { scaling } from './facts.ts'

const spot = (...statuses: readonly ReplicaStatus[]) => statuses.map((status) => ({ status, isSpot: true }))

describe('over-provisioning: target + num_overprovision, where the target is not 0', () => {
  it.each([
    [0, 2, 0],
    [1, 0, 1],
    [1, 2, 3],
    [10, 3, 13],
  ])('%s with %s more is %s', (targetReplicas, numOverprovision, total) => {
    const goal = fleetGoal({
      scaling: scaling({ numOverprovision }),
      useSpot: false,
      targetReplicas,
      replicas: [],
    })
    expect(goal).toEqual({ total, spot: 0, onDemand: total })
  })

  it('a service without scaling runs its number on demand, or on spot where it says so', () => {
    expect(fleetGoal({ useSpot: false, targetReplicas: 3, replicas: [] })).toEqual({
      total: 3,
      spot: 0,
      onDemand: 3,
    })
    expect(fleetGoal({ useSpot: true, targetReplicas: 3, replicas: [] })).toEqual({
      total: 3,
      spot: 3,
      onDemand: 0,
    })
  })
})

describe('spot with a base and a dynamic fallback (FallbackRequestRateAutoscaler)', () => {
  interface Case {
    readonly target: number
    readonly more?: number
    readonly base?: number
    readonly isDynamic?: boolean
    readonly living?: readonly ReplicaStatus[]
  }
  it.each<readonly [string, Case, readonly [spot: number, onDemand: number]]>([
    ['spot only', { target: 4 }, [4, 0]],
    ['a base of 1', { target: 4, base: 1 }, [3, 1]],
    ['a base above the target', { target: 2, base: 5 }, [0, 2]],
    ['a base and over-provisioning', { target: 4, base: 1, more: 2 }, [5, 1]],
    ['nothing at a target of 0', { target: 0, base: 1, more: 2, isDynamic: true }, [0, 0]],
    ['none ready: a stand-in for each', { target: 3, isDynamic: true }, [3, 3]],
    ['one ready', { target: 3, isDynamic: true, living: ['READY'] }, [3, 2]],
    ['base and one ready', { target: 4, base: 1, isDynamic: true, living: ['READY'] }, [3, 3]],
    ['all ready', { target: 2, isDynamic: true, living: ['READY', 'READY'] }, [2, 0]],
    ['more ready than wanted', { target: 1, isDynamic: true, living: ['READY', 'READY'] }, [1, 0]],
    ['over-provisioned ones have no stand-in', { target: 2, more: 1, isDynamic: true }, [3, 2]],
    [
      'over-provisioned, two ready',
      { target: 2, more: 1, isDynamic: true, living: ['READY', 'READY'] },
      [3, 1],
    ],
  ])('%s', (_, given, [spotGoal, onDemand]) => {
    const spec = scaling({
      numOverprovision: given.more ?? 0,
      baseOndemandFallbackReplicas: given.base ?? 0,
      isDynamicOndemandFallback: given.isDynamic ?? false,
    })
    const replicas = spot(...(given.living ?? []))
    const goal = fleetGoal({ scaling: spec, useSpot: true, targetReplicas: given.target, replicas })
    expect([goal.spot, goal.onDemand]).toEqual([spotGoal, onDemand])
  })

  it('a stand-in stays until a spot replica is READY: launching, starting and not ready ones replace none', () => {
    const spec = scaling({ isDynamicOndemandFallback: true })
    const goalWith = (...statuses: readonly ReplicaStatus[]): number =>
      fleetGoal({ scaling: spec, useSpot: true, targetReplicas: 3, replicas: spot(...statuses) }).onDemand
    expect(goalWith('PENDING', 'PENDING', 'PENDING')).toBe(3)
    expect(goalWith('PROVISIONING', 'STARTING', 'NOT_READY')).toBe(3)
    expect(goalWith('READY', 'STARTING', 'STARTING')).toBe(2)
    expect(goalWith('READY', 'READY', 'NOT_READY')).toBe(1)
  })

  it('on-demand replicas that are READY are no spot replicas', () => {
    const spec = scaling({ isDynamicOndemandFallback: true })
    const replicas = [{ status: 'READY', isSpot: false }] as const
    expect(fleetGoal({ scaling: spec, useSpot: true, targetReplicas: 2, replicas }).onDemand).toBe(2)
  })
})

it('with the dynamic fallback READY spot replicas and on-demand ones always make up the target', () => {
  const small = fc.nat(10)
  fc.assert(
    fc.property(small, small, small, small, (targetReplicas, more, base, readySpot) => {
      const spec = scaling({
        numOverprovision: more,
        baseOndemandFallbackReplicas: base,
        isDynamicOndemandFallback: true,
      })
      const replicas = spot(...Array<ReplicaStatus>(readySpot).fill('READY'))
      const goal = fleetGoal({ scaling: spec, useSpot: true, targetReplicas, replicas })
      expect(Math.min(readySpot, goal.spot) + goal.onDemand).toBeGreaterThanOrEqual(targetReplicas)
      expect(goal.onDemand).toBeLessThanOrEqual(targetReplicas)
      expect(goal.spot).toBeGreaterThanOrEqual(0)
    }),
  )
})
