import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { receiveUpload } from '@skykeep/actions/uploads/receive-upload'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'

forEachDatabase('receiving uploads', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())
  const waiting = (): string[] => readdirSync(world.layout.uploadsDir)

  it('lets no viewer send one', async () => {
    await expect(receiveUpload(world.as('viewer'), [Buffer.from('x')])).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(waiting()).toEqual([])
  })

  it('leaves nothing of one that is too large or breaks off', async () => {
    const context = { ...world.as('user'), uploadLimits: { ...uploadLimits, packedBytesMax: 10 } }
    await expect(receiveUpload(context, [Buffer.alloc(6), Buffer.alloc(6)])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(3)
      throw new Error('connection lost')
    }
    await expect(receiveUpload(context, broken())).rejects.toThrow('connection lost')
    expect(waiting()).toEqual([])
  })

  it('bounds what waits, and removes what nobody used for a day', async () => {
    const context = { ...world.as('user'), uploadLimits: { ...uploadLimits, waitingBytesMax: 10 } }
    await receiveUpload(context, [Buffer.alloc(8)])
    await expect(receiveUpload(context, [Buffer.alloc(8)])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const [name = ''] = waiting()
    const longAgo = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(join(world.layout.uploadsDir, name), longAgo, longAgo)
    const { uploadId } = await receiveUpload(context, [Buffer.alloc(8)])
    expect(waiting()).toEqual([expect.stringContaining(uploadId)])
  })
})
