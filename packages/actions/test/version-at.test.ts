import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ActionContext } from '@skykeep/actions/context'
import { getStateAt } from '@skykeep/actions/events/get-state-at'
import { cancelOperation } from '@skykeep/actions/operations/cancel-operation'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { eventBounds, listEvents, pruneEvents } from '@skykeep/db/events'
import { updateService as observeService } from '@skykeep/db/services'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('the version that was wanted at a moment', (source) => {
  let world: ActionWorld
  let user: ActionContext
  let nowMs = 1_700_000_000_000
  /** Moments by what had just been done. */
  const at: Record<string, number> = {}

  const told = async (moment: string) => {
    const { services } = await getStateAt(user, { atMs: at[moment] ?? 0 })
    return services.map(({ name, desiredVersion }) => [name, desiredVersion])
  }
  const done = (what: string): void => {
    at[what] = nowMs
    nowMs += 10_000
  }
  /** Retention removes every event until then. */
  const forget = async (moment: string): Promise<void> => {
    const { db } = world.services
    const [last] = await listEvents(db, { untilMs: (at[moment] ?? 0) + 1, limit: 1 })
    await db.transaction(async (tx) =>
      pruneEvents(tx, (await eventBounds(tx)).lastSeq - (last?.seq ?? 0) + 1),
    )
  }
  const update = (run: string) => updateService(user, { name: 'hello', yaml: serviceYaml({ run }) })

  beforeAll(async () => {
    // Each look at the clock is a millisecond later than the one before, as on a real machine.
    const clock = { now: () => (nowMs += 1), monotonicMs: () => nowMs }
    world = await createActionWorld(await source.create({ clock }), { clock })
    user = world.as('user')
    const { serviceUid } = await upService(user, { yaml: serviceYaml() })
    done('up')
    await world.services.db.transaction((tx) =>
      observeService(tx, serviceUid, { stableVersion: 1, latestEverReadyVersion: 1 }),
    )
    await pauseService(user, { name: 'hello' })
    done('pause')
    await resumeService(user, { name: 'hello' })
    done('resume')
    const two = await update('node two.js')
    done('two')
    await cancelOperation(user, { uid: two.operationUid ?? '' })
    done('cancelled')
    await pauseService(user, { name: 'hello' })
    done('pause again')
    await update('node three.js')
    done('three')
  })
  afterAll(() => world.close())

  it('of a service that is the first thing in the log: what it was brought up with, until somebody wishes another', async () => {
    expect(await told('up')).toEqual([['hello', 1]])
    expect(await told('pause')).toEqual([['hello', 1]])
    expect(await told('two')).toEqual([['hello', 2]])
    expect(await told('cancelled')).toEqual([['hello', 1]])
    expect(await told('three')).toEqual([['hello', 3]])
  })

  it('where the log has lost what was wished before: what the next wish or a rollout tells', async () => {
    await forget('up')
    expect(await told('up'), 'a pause leaves the version').toEqual([['hello', 1]])
    await forget('two')
    expect(await told('two'), 'its rollout is cancelled later').toEqual([['hello', 2]])
    await forget('cancelled')
    expect(await told('cancelled'), 'its rollout was cancelled').toEqual([['hello', 1]])
  })

  it('where nothing tells it is empty, with the reason', async () => {
    const { db } = world.services
    await forget('pause again')
    await db.transaction((tx) => tx.client.rollout.deleteMany({ where: { toVersion: 2 } }))
    const { services } = await getStateAt(user, { atMs: at['pause again'] ?? 0 })
    expect(services).toMatchObject([
      {
        name: 'hello',
        desiredVersion: null,
        desiredVersionReason: expect.stringMatching(
          /^the log is kept from 2023-\S+Z on, and no rollout from before is kept either$/,
        ) as string,
      },
    ])
  })
})
