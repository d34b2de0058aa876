import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ProcessShare, ReplicaState } from '../src/replica-state.ts'
import type { UpstreamConnection } from '../src/upstream-connection.ts'
import { UpstreamPool } from '../src/upstream-pool.ts'
import type { Upstream } from './harness.ts'
import { rawUpstream, until } from './harness.ts'

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Bench {
  readonly pool: UpstreamPool
  readonly replica: ReplicaState
  readonly upstream: Upstream
  readonly connection: UpstreamConnection
  /** True once the connection's user has heard that the replica ended its side. */
  hasEnded(): boolean
}

/** A pool and one connected connection, in use; its user does nothing when the replica ends its side. */
async function bench(): Promise<Bench> {
  const upstream = await rawUpstream((socket: Socket) => socket.resume(), true)
  const pool = new UpstreamPool(() => performance.now())
  const route = { replicaUid: 'r0', replicaId: 0, version: 1, isDraining: false }
  const replica = new ReplicaState(
    { ...route, host: '127.0.0.1', port: upstream.port },
    new ProcessShare(0, 1),
  )
  const connection = pool.acquire(replica, true, performance.now())
  let hasEnded = false
  connection.user = {
    onUpstreamConnected: () => undefined,
    onUpstreamBytes: () => true,
    onUpstreamDrain: () => undefined,
    onUpstreamEnd: () => {
      hasEnded = true
    },
    onUpstreamClose: () => undefined,
  }
  closers.push(
    () => upstream.kill(),
    () => pool.close(),
  )
  await until('the connection', () => connection.isConnected && upstream.sockets.size === 1)
  return { pool, replica, upstream, connection, hasEnded: () => hasEnded }
}

/** What the pool hands out next, ended after the test. */
function next({ pool, replica }: Bench): UpstreamConnection {
  const connection = pool.acquire(replica, true, performance.now())
  closers.unshift(() => connection.destroy())
  return connection
}

describe('the pool of connections to replicas', () => {
  it('hands an idle connection out again', async () => {
    const made = await bench()
    made.pool.release(made.connection, -1, performance.now())
    expect(next(made)).toBe(made.connection)
  })

  it('never hands out a connection that was destroyed in the same turn', async () => {
    const made = await bench()
    made.pool.release(made.connection, -1, performance.now())
    made.connection.destroy()
    expect(made.connection.isClosed).toBe(false)
    expect(next(made)).not.toBe(made.connection)
  })

  it('never keeps a connection that was destroyed in the same turn', async () => {
    const made = await bench()
    made.connection.destroy()
    made.pool.release(made.connection, -1, performance.now())
    expect(made.connection.served).toBe(0)
    expect(next(made)).not.toBe(made.connection)
  })

  it('never hands out a connection whose replica has ended its side', async () => {
    const made = await bench()
    for (const socket of made.upstream.sockets) socket.end()
    await until('the end of the replica', made.hasEnded)
    expect(made.connection.isClosed).toBe(false)
    made.pool.release(made.connection, -1, performance.now())
    expect(made.connection.served).toBe(0)
    expect(next(made)).not.toBe(made.connection)
  })

  it('never hands out an idle connection whose replica ends its side while it waits', async () => {
    const made = await bench()
    made.pool.release(made.connection, -1, performance.now())
    for (const socket of made.upstream.sockets) socket.end()
    await until('the end is read', () => made.connection.isGone)
    expect(next(made)).not.toBe(made.connection)
  })
})
