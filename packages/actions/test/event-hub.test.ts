import { afterAll, beforeAll, expect, it } from 'vitest'
import { watchEvents } from '@skykeep/actions/events/watch-events'
import type { WatchMessage } from '@skykeep/core/views'
import { appendEvent, eventBounds, pruneEvents } from '@skykeep/db/events'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { until } from '@skykeep/testing/until'

forEachDatabase('the live stream', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  const append = (count: number): Promise<number> =>
    world.services.db.transaction(async (tx) => {
      let seq = 0
      for (let n = 0; n < count; n += 1)
        seq = await appendEvent(tx, { kind: 'system', uid: 'p', type: 'plane.started' })
      return seq
    })

  /** Collects a stream until it is stopped. */
  const listen = (
    lastEventId?: string,
  ): { readonly seqs: number[]; readonly messages: WatchMessage[]; stop(): Promise<void> } => {
    const abort = new AbortController()
    const seqs: number[] = []
    const messages: WatchMessage[] = []
    const input = lastEventId === undefined ? {} : { lastEventId }
    const reading = (async () => {
      for await (const message of watchEvents(world.as('viewer'), input, abort.signal)) {
        messages.push(message)
        if (message.type === 'events') seqs.push(...message.events.map((event) => event.seq))
      }
    })()
    return {
      seqs,
      messages,
      stop: () => {
        abort.abort()
        return reading
      },
    }
  }
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, n) => from + n)

  it('gives fifty subscribers every event once and in order, whenever they come', async () => {
    const before = (await eventBounds(world.services.db)).lastSeq
    const streams = Array.from({ length: 25 }, () => listen(String(before)))
    await append(300)
    const late = Array.from({ length: 25 }, () => listen(String(before)))
    const last = await append(700)
    for (const stream of [...streams, ...late]) {
      await until('all events', () => stream.seqs.length >= 1_000)
      await stream.stop()
      expect(stream.seqs).toEqual(range(before + 1, last))
    }
  })

  it('starts from now without a number, and says at once where that is', async () => {
    const last = await append(1)
    const stream = listen()
    await until('the first message', () => stream.messages.length > 0)
    expect(stream.messages[0]).toEqual({ type: 'events', events: [], seq: last })
    await append(2)
    await until('new events', () => stream.seqs.length >= 2)
    await stream.stop()
    expect(stream.seqs).toEqual(range(last + 1, last + 2))
  })

  it('catches up far behind what is in memory', async () => {
    const stream = listen('0')
    const { lastSeq } = await eventBounds(world.services.db)
    await until('all events', () => stream.seqs.length >= lastSeq)
    await stream.stop()
    expect(stream.seqs).toEqual(range(1, lastSeq))
  })

  it('tells a cursor that retention passed, or that was never given, to list again and goes on', async () => {
    await world.services.db.transaction((tx) => pruneEvents(tx, 5))
    const { lastSeq } = await eventBounds(world.services.db)
    const streams = [listen('0'), listen(String(lastSeq + 1_000))]
    for (const stream of streams)
      await until('a message', () => stream.messages.some(({ type }) => type === 'relist'))
    const last = await append(3)
    for (const stream of streams) {
      await until('new events', () => stream.seqs.length >= 3)
      await stream.stop()
      expect(stream.messages.find(({ type }) => type === 'relist')).toEqual({
        type: 'relist',
        reason: 'EVENTS_LOST',
        seq: lastSeq,
      })
      expect(stream.seqs).toEqual(range(lastSeq + 1, last))
    }
  })
})
