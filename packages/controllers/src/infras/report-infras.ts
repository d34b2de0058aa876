import { isDeepStrictEqual } from 'node:util'
import { saveInfra, type Infra } from '@skykeep/db/infras'
import { capabilitiesOf, hasCapability } from '@skykeep/provider-contract/capabilities'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { Provider } from '@skykeep/provider-contract/provider'
import { write, type ControllerContext } from '../context.ts'

type Observed = Omit<Infra, 'observedAtMs'>

/** Writes what others need to know of each infra, when it changed: they never talk to a provider themselves. */
export class InfraReporter {
  readonly #context: ControllerContext
  readonly #written = new Map<string, Observed>()

  constructor(context: ControllerContext) {
    this.#context = context
  }

  async pass(): Promise<void> {
    for (const provider of this.#context.providers.values()) {
      const observed = await observe(provider)
      if (isDeepStrictEqual(this.#written.get(observed.name), observed)) continue
      await write(this.#context, (tx) => saveInfra(tx, observed))
      this.#written.set(observed.name, observed)
    }
  }
}

async function observe(provider: Provider): Promise<Observed> {
  const capabilities = Object.fromEntries(capabilitiesOf(provider).map((name) => [name, true]))
  const base = { name: provider.infra, capabilities }
  try {
    const capacity = hasCapability(provider, 'capacity') ? { ...(await provider.capacity()) } : {}
    return { ...base, capacity, health: 'HEALTHY', healthReason: '' }
  } catch (error) {
    if (!isProviderError(error)) throw error
    return { ...base, capacity: {}, health: 'UNHEALTHY', healthReason: error.message }
  }
}
