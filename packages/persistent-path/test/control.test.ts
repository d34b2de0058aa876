import { existsSync, lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SkykeepError } from '@skykeep/core/errors'
import { callControl, serveControl } from '@skykeep/persistent-path/control'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skc-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('control socket', () => {
  it('answers JSON, passes query and body, and is private', async () => {
    const socket = join(folder, 'a.sock')
    const server = await serveControl(socket, {
      'GET /health': () => ({ ok: true }),
      'POST /echo': ({ query, body }) => ({ n: query.get('n'), body }),
    })
    expect(lstatSync(socket).mode & 0o777).toBe(0o600)
    expect(await callControl(socket, { method: 'GET', path: '/health' })).toEqual({ ok: true })
    expect(await callControl(socket, { method: 'POST', path: '/echo?n=3', body: { a: 'é' } })).toEqual({
      n: '3',
      body: { a: 'é' },
    })
    await server.close()
    expect(existsSync(socket)).toBe(false)
  })

  it('keeps the code of an error of ours and hides the text of any other', async () => {
    const socket = join(folder, 'a.sock')
    const server = await serveControl(socket, {
      'POST /fenced': () => {
        throw new SkykeepError('FENCED', 'stale', { hint: 'exit' })
      },
      'POST /bug': () => {
        throw new Error('secret text')
      },
    })
    const call = (path: string): Promise<unknown> => callControl(socket, { method: 'POST', path })
    await expect(call('/fenced')).rejects.toMatchObject({ code: 'FENCED', message: 'stale', hint: 'exit' })
    await expect(call('/bug')).rejects.toMatchObject({ code: 'INTERNAL', message: 'unexpected error' })
    await expect(call('/none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await server.close()
  })

  it('says UNAVAILABLE when nobody listens or nobody answers in time', async () => {
    const missing = join(folder, 'none.sock')
    await expect(callControl(missing, { method: 'GET', path: '/health' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => void silent.listen(join(folder, 'silent.sock'), resolve))
    const call = callControl(join(folder, 'silent.sock'), { method: 'GET', path: '/health', timeoutMs: 50 })
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    silent.close()
  })

  it('refuses a socket that is in use, and a late close leaves the socket of a successor', async () => {
    const socket = join(folder, 'a.sock')
    const first = await serveControl(socket, { 'GET /who': () => 'first' })
    await expect(serveControl(socket, {})).rejects.toMatchObject({ code: 'CONFLICT' })
    rmSync(socket)
    const second = await serveControl(socket, { 'GET /who': () => 'second' })
    await first.close()
    expect(await callControl(socket, { method: 'GET', path: '/who' })).toBe('second')
    await second.close()
  })
})
