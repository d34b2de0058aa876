import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRPCError } from '@trpc/server'
import { appRouter } from '@skykeep/api/router'
import { roles, type Role } from '@skykeep/core/actor'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'

type Caller = ReturnType<typeof appRouter.createCaller>

interface Rule {
  readonly allowed: readonly Role[]
  readonly call: (caller: Caller) => Promise<unknown>
}

const everybody: readonly Role[] = roles
const first = async (stream: Promise<AsyncIterable<unknown>>): Promise<void> => {
  for await (const _ of await stream) return
}

const writers: readonly Role[] = ['admin', 'user']
const serviceChanges: Readonly<Record<string, Rule>> = {
  'services.diff': {
    allowed: writers,
    call: (caller) => caller.services.diff({ name: 'none', yaml: '' }),
  },
  'services.update': {
    allowed: writers,
    call: (caller) => caller.services.update({ name: 'none', yaml: '' }),
  },
  'services.rollback': { allowed: writers, call: (caller) => caller.services.rollback({ name: 'none' }) },
  'services.holdRollout': {
    allowed: writers,
    call: (caller) => caller.services.holdRollout({ name: 'none', isHeld: true }),
  },
  'services.pause': { allowed: writers, call: (caller) => caller.services.pause({ name: 'none' }) },
  'services.resume': { allowed: writers, call: (caller) => caller.services.resume({ name: 'none' }) },
  'services.setSchedule': {
    allowed: writers,
    call: (caller) => caller.services.setSchedule({ name: 'none', schedule: null }),
  },
  'services.terminateReplica': {
    allowed: writers,
    call: (caller) => caller.services.terminateReplica({ name: 'none', replicaId: 1 }),
  },
  'services.revive': { allowed: writers, call: (caller) => caller.services.revive({ name: 'none' }) },
}

/** Every procedure, who may call it, and a call that changes nothing when it is let in. */
const rules: Readonly<Record<string, Rule>> = {
  'auth.me': { allowed: everybody, call: (caller) => caller.auth.me() },
  'auth.createSignInCode': { allowed: ['admin'], call: (caller) => caller.auth.createSignInCode() },
  'tokens.create': { allowed: everybody, call: (caller) => caller.tokens.create({ name: 'local' }) },
  'tokens.list': { allowed: everybody, call: (caller) => caller.tokens.list() },
  'tokens.revoke': { allowed: everybody, call: (caller) => caller.tokens.revoke({ name: 'none' }) },
  'serviceKeys.create': {
    allowed: writers,
    call: (caller) => caller.serviceKeys.create({ service: 'none', name: 'app' }),
  },
  'serviceKeys.list': { allowed: everybody, call: (caller) => caller.serviceKeys.list({ service: 'none' }) },
  'serviceKeys.revoke': {
    allowed: writers,
    call: (caller) => caller.serviceKeys.revoke({ service: 'none', name: 'app' }),
  },
  'serviceKeys.revokeTokens': {
    allowed: writers,
    call: (caller) => caller.serviceKeys.revokeTokens({ service: 'none', kind: 'token', value: 'j1' }),
  },
  'serviceKeys.revokedTokens': {
    allowed: everybody,
    call: (caller) => caller.serviceKeys.revokedTokens({ service: 'none' }),
  },
  'auth.signOut': { allowed: everybody, call: (caller) => caller.auth.signOut() },
  'services.list': { allowed: everybody, call: (caller) => caller.services.list() },
  'services.get': { allowed: everybody, call: (caller) => caller.services.get({ name: 'none' }) },
  'services.check': { allowed: everybody, call: (caller) => caller.services.check({ yaml: '' }) },
  'services.up': { allowed: ['admin', 'user'], call: (caller) => caller.services.up({ yaml: '' }) },
  ...serviceChanges,
  'services.history': { allowed: everybody, call: (caller) => caller.services.history({ name: 'none' }) },
  'services.compareVersions': {
    allowed: everybody,
    call: (caller) => caller.services.compareVersions({ name: 'none', from: 1, to: 2 }),
  },
  'operations.retry': { allowed: writers, call: (caller) => caller.operations.retry({ uid: 'none' }) },
  'services.down': { allowed: ['admin', 'user'], call: (caller) => caller.services.down({ name: 'none' }) },
  'logs.read': { allowed: everybody, call: (caller) => caller.logs.read({ service: 'none', replicaId: 1 }) },
  'logs.follow': {
    allowed: everybody,
    call: (caller) => first(caller.logs.follow({ service: 'none', replicaId: 1 })),
  },
  'logs.lines': { allowed: everybody, call: (caller) => caller.logs.lines({ service: 'none' }) },
  'logs.followLines': {
    allowed: everybody,
    call: (caller) => first(caller.logs.followLines({ service: 'none' })),
  },
  'logs.followProcess': {
    allowed: everybody,
    call: (caller) => first(caller.logs.followProcess({ service: 'none', part: 'controller' })),
  },
  'logs.process': {
    allowed: everybody,
    call: (caller) => caller.logs.process({ service: 'none', part: 'controller' }),
  },
  'operations.cancel': { allowed: writers, call: (caller) => caller.operations.cancel({ uid: 'none' }) },
  'operations.list': { allowed: everybody, call: (caller) => caller.operations.list() },
  'operations.get': { allowed: everybody, call: (caller) => caller.operations.get({ uid: 'none' }) },
  'events.list': { allowed: everybody, call: (caller) => caller.events.list() },
  'events.chain': { allowed: everybody, call: (caller) => caller.events.chain({ seq: 1 }) },
  'events.stateAt': { allowed: everybody, call: (caller) => caller.events.stateAt({ atMs: 0 }) },
  'watch.events': { allowed: everybody, call: (caller) => first(caller.watch.events()) },
  'drills.list': { allowed: everybody, call: (caller) => caller.drills.list({ name: 'none' }) },
  'drills.latest': { allowed: everybody, call: (caller) => caller.drills.latest() },
  'drills.plan': { allowed: ['admin'], call: (caller) => caller.drills.plan({ name: 'none' }) },
  'drills.run': {
    allowed: ['admin'],
    call: (caller) => caller.drills.run({ name: 'none', target: 'worker' }),
  },
  'drills.start': {
    allowed: ['admin'],
    call: (caller) => caller.drills.start({ name: 'none', target: 'worker' }),
  },
  'drills.report': {
    allowed: ['admin'],
    call: (caller) => caller.drills.report({ uid: 'none', phase: '', result: null }),
  },
  'drills.finish': {
    allowed: ['admin'],
    call: (caller) => caller.drills.finish({ uid: 'none', status: 'FAILED', reason: '', result: null }),
  },
  'traffic.get': { allowed: everybody, call: (caller) => caller.traffic.get({ name: 'none' }) },
  'traffic.follow': {
    allowed: everybody,
    call: (caller) => first(caller.traffic.follow({ name: 'none' })),
  },
  'traffic.figures': { allowed: everybody, call: (caller) => caller.traffic.figures() },
  'traffic.followFigures': { allowed: everybody, call: (caller) => first(caller.traffic.followFigures()) },
  'system.status': { allowed: everybody, call: (caller) => caller.system.status() },
  'system.machinery': { allowed: everybody, call: (caller) => caller.system.machinery() },
  'system.bringBack': { allowed: writers, call: (caller) => caller.system.bringBack({ uid: 'none' }) },
  'state.findings': { allowed: everybody, call: (caller) => caller.state.findings() },
  'state.sizes': { allowed: everybody, call: (caller) => caller.state.sizes() },
  'state.limits': { allowed: everybody, call: (caller) => caller.state.limits() },
  'state.masterKey': { allowed: everybody, call: (caller) => caller.state.masterKey() },
  'state.backups': { allowed: everybody, call: (caller) => caller.state.backups() },
  'state.backUp': { allowed: ['admin'], call: (caller) => caller.state.backUp() },
  'state.verify': { allowed: ['admin'], call: (caller) => caller.state.verify({ name: 'none' }) },
  'system.overview': { allowed: everybody, call: (caller) => caller.system.overview() },
}

/** `let in`, or the code with which the door stayed shut. */
async function outcomeOf(calling: Promise<unknown>): Promise<string> {
  try {
    await calling
    return 'let in'
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error
    return error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN' ? error.code : 'let in'
  }
}

it('every procedure stands in the table of who may call it', () => {
  expect(Object.keys(appRouter._def.procedures).toSorted()).toEqual(Object.keys(rules).toSorted())
})

forEachDatabase('access', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  describe.each(Object.entries(rules))('%s', (_name, { allowed, call }) => {
    const callerOf = (role: Role | null): Caller =>
      appRouter.createCaller({
        services: world.services,
        actor: role === null ? null : world.as(role).actor,
        clearSessionCookie: () => undefined,
      })

    it('lets nobody in who is not signed in', async () => {
      expect(await outcomeOf(call(callerOf(null)))).toBe('UNAUTHORIZED')
    })
    it.each(roles)('for the role %s', async (role) => {
      expect(await outcomeOf(call(callerOf(role)))).toBe(allowed.includes(role) ? 'let in' : 'FORBIDDEN')
    })
  })
})
