import { expect, it } from 'vitest'
import { httpUpstream, RawClient, startGateway, tableOf, until } from './harness.ts'

it('a service that comes back is served on the connections that were kept meanwhile', async () => {
  const upstream = await httpUpstream((_incoming, response) => response.end('ok'))
  const { gateway, port, close } = await startGateway([upstream])
  const table = (version: number) => tableOf({ version, port, upstreams: [upstream] })
  const [kept, asking] = [new RawClient(port), new RawClient(port)]
  for (const client of [kept, asking]) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('ok')
  }
  await gateway.apply({ ...table(100), services: [] })
  asking.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await asking.untilText('404')).toContain('no service on this port')
  await gateway.apply(table(101))
  kept.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until('a second answer', () => kept.text.match(/HTTP\/1\.1 /g)?.length === 2)
  expect(kept.text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
  kept.socket.destroy()
  await close()
  await upstream.kill()
})
