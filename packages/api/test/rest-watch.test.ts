import { afterAll, beforeAll, expect, it } from 'vitest'
import { appendEvent } from '@skykeep/db/events'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { ask, helloYaml, readUntil } from './rest-world.ts'

forEachDatabase('watching over REST', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  const append = (serviceName: string): Promise<number> =>
    world.services.db.transaction((tx) =>
      appendEvent(tx, { kind: 'system', uid: 'plane_1', type: 'plane.started', serviceName }),
    )
  const watch = (query: string, id: number | null, part: string): Promise<string> =>
    ask(world, `GET /watch${query}`, {
      headers: id === null ? {} : { 'last-event-id': String(id) },
    }).then((answer) => readUntil(answer, part))

  it('goes on after the event that was seen last, one message an event', async () => {
    const seqs = [await append('a'), await append('b'), await append('a')]
    const text = await watch('', seqs[0] ?? 0, `id: ${seqs[2]}\n`)
    expect(text).toMatch(/^: here\n\n/)
    expect(text).not.toContain(`id: ${seqs[0]}\ndata`)
    expect(text).toContain(`id: ${seqs[1]}\ndata: {"seq":${seqs[1]},`)
    expect(text).toContain(`id: ${seqs[2]}\ndata: {"seq":${seqs[2]},`)
  })

  it('leaves out what is not asked for, and moves the id on all the same', async () => {
    const seqs = [await append('a'), await append('b'), await append('c')]
    const text = await watch('?service=b&kind=system', seqs[0] ?? 0, `id: ${seqs[2]}\n`)
    expect(text).toContain(`id: ${seqs[1]}\ndata:`)
    expect(text).toContain(`id: ${seqs[2]}\n\n`)
    expect(text).not.toContain('"serviceName":"c"')
    const typed = await watch('?type=plane.started,drill.started', seqs[0] ?? 0, `id: ${seqs[2]}\n`)
    expect(typed).toContain(`id: ${seqs[1]}\ndata:`)
    expect(await watch('?type=drill.started', seqs[0] ?? 0, `id: ${seqs[2]}\n`)).not.toContain('data:')
    const none = await watch('?kind=replica', seqs[0] ?? 0, `id: ${seqs[2]}\n`)
    expect(none).not.toContain('data:')
  })

  it('says reset to a number of another database', async () => {
    const last = await append('a')
    const text = await watch('', 999_999_999, 'event: reset\n')
    expect(text).toContain(`id: ${last}\nevent: reset\ndata: {"reason":"EVENTS_LOST","seq":${last}}`)
  })

  it('ends when the client goes', async () => {
    const answer = await ask(world, 'GET /watch')
    await answer.body?.cancel()
    await expect(answer.body?.getReader().closed).resolves.toBeUndefined()
  })

  it('tells a service as it comes up', async () => {
    const answer = await ask(world, 'GET /watch?service=hello')
    const reading = readUntil(answer, '"verb"')
    const up = await ask(world, 'POST /services', { json: { yaml: helloYaml } })
    const { operationUid } = Object(await up.json())
    expect(await reading).toContain(operationUid)
  })
})
