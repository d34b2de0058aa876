import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { TestPlane } from '@skykeep/testing/plane'
import { until } from '@skykeep/testing/until'
import { selfSigned } from '../../../packages/gateway/test/self-signed.ts'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const fixture = path.resolve(import.meta.dirname, '../../../packages/testing/fixtures/load-target')
const wsModule = path.join(path.dirname(createRequire(import.meta.url).resolve('ws')), 'wrapper.mjs')

/** What a page of the service does with its own origin, each in the browser's own way. */
async function useService(page: Page) {
  return await page.evaluate(async () => {
    const get = await (await fetch('/short/1')).text()
    const posted = await (await fetch('/upload', { method: 'POST', body: 'x'.repeat(1_000_000) })).text()
    const together = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => (await fetch(`/short/${at}`)).status),
    )
    const streamed = await new Promise<string[]>((resolve, reject) => {
      const events: string[] = []
      const source = new EventSource('/stream?seconds=1')
      source.addEventListener('message', ({ data }: MessageEvent<string>) => {
        events.push(data)
        if (data !== 'end') return
        source.close()
        resolve(events)
      })
      source.addEventListener('error', () =>
        reject(new Error(`the stream broke after ${events.length} events`)),
      )
    })
    const echoed = await new Promise<string[]>((resolve, reject) => {
      const seen: string[] = []
      const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/socket`)
      socket.addEventListener('open', () => {
        for (const text of ['one', 'two', 'x'.repeat(100_000)]) socket.send(text)
      })
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        seen.push(data.slice(0, 3))
        if (seen.length === 3) socket.close(1000)
      })
      socket.addEventListener('error', () => reject(new Error('the WebSocket broke')))
      socket.addEventListener('close', ({ code }) => resolve([...seen, String(code)]))
    })
    const aborting = new AbortController()
    const aborted = fetch('/stream?seconds=600&left=early', { signal: aborting.signal })
    await aborted
    aborting.abort()
    const protocols = new Set(
      performance
        .getEntriesByType('resource')
        .map((entry) => (entry instanceof PerformanceResourceTiming ? entry.nextHopProtocol : ''))
        .filter((protocol) => protocol !== ''),
    )
    return { get, posted, together, streamed, echoed, protocols: [...protocols] }
  })
}

test.describe('a browser uses a service through the gateway', () => {
  let plane: TestPlane
  let folder = ''
  test.beforeAll(async () => {
    test.setTimeout(180_000)
    folder = mkdtempSync(path.join(tmpdir(), 'skykeep-browser-'))
    const { key, cert } = selfSigned('localhost')
    writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 })
    writeFileSync(path.join(folder, 'cert.pem'), cert)
    plane = await TestPlane.create({ build })
    plane.up()
    await plane.untilActive()
    await Promise.all([
      serve('plain', ''),
      serve('secure', '  tls:\n    keyfile: key.pem\n    certfile: cert.pem\n'),
    ])
  })
  test.afterAll(async () => {
    await plane.destroy()
    rmSync(folder, { recursive: true })
  })

  async function serve(name: string, more: string): Promise<void> {
    const file = path.join(folder, `${name}.yaml`)
    writeFileSync(
      file,
      `name: ${name}\nworkdir: ${fixture}\nenvs:\n  WS_MODULE: ${wsModule}\nresources:\n  infra: local\nrun: exec node server.js\nservice:\n  readiness_probe: /\n  replicas: 2\n${more}`,
    )
    const served = await plane.cli('serve', 'up', file)
    expect(served.code, served.stdout + served.stderr).toBe(0)
  }

  const ways = [
    { name: 'plain', protocol: 'http/1.1' },
    { name: 'secure', protocol: 'h2' },
  ] as const
  for (const { name, protocol } of ways) {
    test(`${protocol}: pages, uploads, forty requests at once, event streams, WebSockets, and what it gives up`, async ({
      browser,
    }) => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true })
      const page = await context.newPage()
      const { endpoint = '' } = (await plane.status(name)) ?? {}
      const answer = await page.goto(`${endpoint}/`)
      expect(answer?.status()).toBe(200)
      const used = await useService(page)
      expect(used.get).toMatch(/^replica \d+ pid \d+\n$/)
      expect(used.posted).toBe('taken\n')
      expect(used.together).toEqual(Array.from({ length: 40 }, () => 200))
      expect(used.streamed).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'end'])
      expect(used.echoed).toEqual(['one', 'two', 'xxx', '1000'])
      expect(used.protocols).toContain(protocol)
      await until('nothing is in flight, and nothing that the page gave up is listed as lost', async () => {
        const status = await plane.status(name)
        return status?.unfinishedRequests.length === 0
      })
      await context.close()
    })
  }
})
