import { hasCapability } from '@skykeep/provider-contract/capabilities'
import { decorateProvider } from '@skykeep/provider-contract/decorate'
import type { CallMeasure } from '@skykeep/provider-contract/decorate'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { Call, NodeDescription, Offer, Provider } from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { describe, expect, it } from 'vitest'

const clock = { now: () => 0, monotonicMs: () => performance.now() }

/** An infra that answers in one odd way for each method. */
class OddInfra implements Provider {
  readonly infra = 'odd'
  readonly consistencyWindowMs = 0
  readonly #homes = '/homes'
  wasCalledOff = false

  listOffers(): Promise<readonly Offer[]> {
    return Promise.resolve([])
  }
  createNode(_: unknown, call: Call = {}): Promise<NodeDescription> {
    return new Promise(() => {
      call.signal?.addEventListener('abort', () => {
        this.wasCalledOff = true
      })
    })
  }
  describeNode(): Promise<NodeDescription> {
    return Promise.reject(new ProviderError('capacity', 'full', { scope: 'zone' }))
  }
  deleteNode(): Promise<void> {
    return Promise.reject(new TypeError('undefined is not a function'))
  }
  listNodes(): Promise<readonly NodeDescription[]> {
    return Promise.resolve([])
  }
  runner(): Promise<Runner> {
    return Promise.reject(new ProviderError('not-found', 'gone'))
  }
  homeFolderOf(nodeId: string): string {
    return `${this.#homes}/${nodeId}`
  }
}

describe('a decorated provider', () => {
  it('calls an effect off at its deadline and says transient', async () => {
    const odd = new OddInfra()
    const provider = decorateProvider(odd, { clock, deadlineMs: 20 })
    const tags = { uid: 'rep_1', generation: 1, attempt: 1, installationId: 'ins_1' }
    const offer = {
      id: '1',
      region: '',
      zone: '',
      instanceType: '',
      cpus: 1,
      memoryGiB: 1,
      isSpot: false,
      priceUsdPerHour: 0,
    }
    await expect(provider.createNode({ token: 't', tags, offer, resources: {} })).rejects.toMatchObject({
      kind: 'transient',
      isRetryable: true,
    })
    expect(odd.wasCalledOff).toBe(true)
  })

  it('lets errors of the taxonomy through and wraps every other', async () => {
    const provider: Provider = decorateProvider(new OddInfra(), { clock, deadlineMs: 1000 })
    await expect(provider.describeNode('n')).rejects.toMatchObject({ kind: 'capacity', scope: 'zone' })
    await expect(provider.deleteNode('n')).rejects.toMatchObject({
      kind: 'transient',
      cause: expect.any(TypeError),
    })
  })

  it('measures every call after waiting for its turn', async () => {
    const measures: CallMeasure[] = []
    let turns = 0
    const limit = () => {
      turns += 1
      return Promise.resolve()
    }
    const provider: Provider = decorateProvider(new OddInfra(), {
      clock,
      deadlineMs: 1000,
      limit,
      onCall: (measure) => measures.push(measure),
    })
    await provider.listNodes('ins')
    await expect(provider.runner('n')).rejects.toThrow('gone')
    expect(turns).toBe(2)
    expect(measures.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['listNodes', 'ok'],
      ['runner', 'not-found'],
    ])
  })

  it('keeps the capabilities, those with private state too', () => {
    const provider = decorateProvider(new OddInfra(), { clock, deadlineMs: 1000 })
    expect(hasCapability(provider, 'local-homes')).toBe(true)
    expect(hasCapability(provider, 'stop')).toBe(false)
    expect(provider.homeFolderOf('n')).toBe('/homes/n')
  })
})
