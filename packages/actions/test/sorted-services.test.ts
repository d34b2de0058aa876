import type { ServiceSummary } from '@skykeep/core/views'
import { describe, expect, it } from 'vitest'
import { pageAt, sortedServices } from '../src/services/sorted-services.ts'

function service(name: string, traffic: ServiceSummary['traffic'], readyReplicas = 1): ServiceSummary {
  return {
    uid: `svc_${name}`,
    name,
    status: 'READY',
    statusReason: '',
    endpoint: null,
    version: 1,
    readyReplicas,
    targetReplicas: 1,
    createdAtMs: 0,
    createdBy: 'ada',
    rollout: null,
    traffic,
  }
}

const busy = service('busy', { requestsPerSecond: 100, errorShare: 0.01, p95Ms: 20 })
const slow = service('slow', { requestsPerSecond: 1, errorShare: 0, p95Ms: 900 }, 4)
const broken = service('broken', { requestsPerSecond: 10, errorShare: 0.5, p95Ms: 5 })
const idle = service('idle', null, 2)
const all = [slow, idle, broken, busy]
const names = (services: readonly ServiceSummary[]): string[] => services.map(({ name }) => name)

describe('a sorted list of services', () => {
  it('has the highest first, and those that are alike by name', () => {
    expect(names(sortedServices(all, 'name'))).toEqual(['broken', 'busy', 'idle', 'slow'])
    expect(names(sortedServices(all, 'requests'))).toEqual(['busy', 'broken', 'slow', 'idle'])
    expect(names(sortedServices(all, 'errors'))).toEqual(['broken', 'busy', 'idle', 'slow'])
    expect(names(sortedServices(all, 'p95'))).toEqual(['slow', 'busy', 'broken', 'idle'])
    expect(names(sortedServices(all, 'replicas'))).toEqual(['slow', 'idle', 'broken', 'busy'])
  })

  it('is read page by page; another cursor is refused', () => {
    const numbers = [0, 1, 2, 3, 4]
    const first = pageAt(numbers, 2, undefined)
    expect(first).toEqual({ items: [0, 1], nextCursor: 'at.2', total: 5 })
    expect(pageAt(numbers, 2, 'at.4')).toEqual({ items: [4], nextCursor: null, total: 5 })
    expect(pageAt(numbers, 2, 'at.9').items).toEqual([])
    expect(() => pageAt(numbers, 2, '1790.svc_x')).toThrow('not a cursor of a sorted list')
  })
})
