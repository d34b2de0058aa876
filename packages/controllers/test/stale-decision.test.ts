import { afterEach, expect, it } from 'vitest'
import { applyDecision, type Decided } from '@skykeep/controllers/services/apply'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { claimDue } from '@skykeep/db/leases'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { getRollout, insertRollout } from '@skykeep/db/rollouts'
import { getService, setServiceDesired } from '@skykeep/db/services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { RetentionWorld } from './retention/retention-world.ts'

let world: RetentionWorld | undefined
afterEach(() => world?.destroy())
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

forEachDatabase('what was decided before a person asked for something else', (source) => {
  it('is not written: a new rollout does not end because the service was paused when it was read', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock, fence, installationId } = world
    const { uid, name } = await world.service('hello')
    await world.write((tx) => setServiceDesired(tx, uid, { isPaused: true }))
    const observer = new LeaseObserver({ clock, leaseMs: 15_000 })
    const owner = { kind: 'service', owner: 'me', limit: 1, isSuspect: false, observer } as const
    const [claim] = await claimDue(database, owner)
    const stale = await getService(database, uid)
    const rollout = await world.write(async (tx) => {
      await setServiceDesired(tx, uid, { isPaused: false, desiredVersion: 2 })
      return await insertRollout(tx, {
        uid: 'rol_a',
        serviceUid: uid,
        serviceName: name,
        operationUid: '',
        fromVersion: 1,
        toVersion: 2,
        mode: 'rolling',
        settings: { ...defaultUpdatePolicy, mode: 'rolling' },
        createdBy: 'usr_a',
      })
    })
    const ends: Omit<Decided, 'service'> = {
      rollout,
      steps: [
        { type: 'end-rollout', uid: rollout.uid, to: 'SUCCEEDED', reason: 'NO_REPLICA_WANTED', message: '' },
      ],
    }
    const ids = { uid: (prefix: string) => `${prefix}_a`, secret: () => 'secret' }
    const context = { database, fence, clock, ids, log: quiet, installationId, providers: new Map() }
    const lease = { kind: 'service', uid, token: claim?.token ?? -1 } as const
    await applyDecision(context, { ...ends, service: stale }, lease)
    expect(await getRollout(database, rollout.uid)).toMatchObject({ status: 'PROGRESSING' })
    expect(await getService(database, uid)).toMatchObject({ observedGeneration: stale.observedGeneration })
    await applyDecision(context, { ...ends, service: await getService(database, uid) }, lease)
    expect(await getRollout(database, rollout.uid)).toMatchObject({ status: 'SUCCEEDED' })
  })
})
