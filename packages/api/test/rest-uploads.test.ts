import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { ask } from './rest-world.ts'

forEachDatabase('uploads over REST', (source) => {
  let world: ActionWorld
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  const packed = { headers: { 'content-type': 'application/gzip' }, text: 'packed' }
  const stored = (): readonly string[] => readdirSync(world.layout.uploadsDir)

  it('are stored under the id that the answer names', async () => {
    const response = await ask(world, 'POST /uploads', { ...packed, role: 'user' })
    const { uploadId } = (await response.json()) as { readonly uploadId: string }
    expect([response.status, stored().some((name) => name.includes(uploadId))]).toEqual([200, true])
    expect((await ask(world, 'OPTIONS /uploads')).headers.get('allow')).toBe('POST, OPTIONS')
  })

  it.each([
    ['of nobody', { ...packed, role: null }, 401, 'UNAUTHENTICATED'],
    ['of who may only look', { ...packed, role: 'viewer' as const }, 403, 'FORBIDDEN'],
    ['without a byte', { headers: packed.headers, text: '' }, 400, 'INVALID_INPUT'],
    ['without a body', { headers: packed.headers }, 400, 'INVALID_INPUT'],
    ['as JSON', { json: {} }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'with a key of the client',
      { ...packed, headers: { ...packed.headers, 'idempotency-key': 'a' } },
      400,
      'UNSUPPORTED',
    ],
  ] as const)('%s are refused and leave nothing', async (_name, sent, status, code) => {
    const before = stored()
    const response = await ask(world, 'POST /uploads', sent)
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ code })])
    expect(stored()).toEqual(before)
  })

  it('are made, not read', async () => {
    expect((await ask(world, 'GET /uploads')).status).toBe(405)
  })
})
