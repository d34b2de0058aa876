import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway, Upstream } from './harness.ts'
import { httpUpstream, RawClient, startGateway } from './harness.ts'

let upstream: Upstream
let gateway: TestGateway
let cookie: string | undefined

beforeAll(async () => {
  upstream = await httpUpstream((incoming, response) => {
    cookie = incoming.headers.cookie
    response.writeEarlyHints({ link: '</a>', 'set-cookie': 'skykeep_session=evil', 'clear-site-data': '"*"' })
    response.setHeader('Clear-Site-Data', '"cookies"')
    response.setHeader('Set-Cookie', [
      'one=1',
      'skykeep_session=evil; Path=/',
      'two=2',
      '=skykeep_session=evil',
    ])
    response.end('ok')
  })
  gateway = await startGateway([upstream])
})

afterAll(async () => {
  await gateway.close()
  await upstream.kill()
})

describe('invariant 17: the dashboard cookie', () => {
  it('reaches no workload and is set by none, while the other cookies pass both ways', async () => {
    const client = new RawClient(gateway.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; skykeep_session=secret; b=2\r\n\r\n')
    await client.untilText('\r\n\r\nok')
    expect(cookie).toBe('a=1; b=2')
    expect(client.text).not.toContain('evil')
    expect(client.text).toContain('103 Early Hints')
    expect(client.text).not.toMatch(/clear-site-data/i)
    expect(client.text.match(/set-cookie: \w+=\d/gi)).toEqual(['Set-Cookie: one=1', 'Set-Cookie: two=2'])
    client.socket.destroy()
  })
})
