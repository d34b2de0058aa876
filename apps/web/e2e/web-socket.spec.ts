import { promisify } from 'node:util'
import { expect, test, type Page } from '@playwright/test'
import { until, type TestGateway } from '../../../packages/gateway/test/harness.ts'
import { startSecuredGateway } from '../../../packages/gateway/test/secured-gateway.ts'
import { echoing, type Echo } from '../../../packages/gateway/test/web-socket-echo.ts'

test.use({ ignoreHTTPSErrors: true })

interface Outcome {
  readonly isOpened: boolean
  /** Bytes or characters of each message that came back. */
  readonly echoed: readonly number[]
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** Opens a WebSocket in the page, waits for a text and a binary message to come back, and for its end. */
async function talk(page: Page, path: string, closeWith: number | null): Promise<Outcome> {
  const closing = { path, closeWith }
  return await page.evaluate(async ({ path: at, closeWith: code }) => {
    const socket = new WebSocket(`wss://${location.host}${at}`)
    socket.binaryType = 'arraybuffer'
    const echoed: number[] = []
    let isOpened = false
    const ended = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve))
    socket.addEventListener('open', () => {
      isOpened = true
      socket.send('hello')
      socket.send(new Uint8Array(300_000))
    })
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      echoed.push(typeof data === 'string' ? data.length : data.byteLength)
      if (echoed.length === 2 && code !== null) socket.close(code, 'done')
    })
    const { code: endCode, reason, wasClean } = await ended
    return { isOpened, echoed, code: endCode, reason, wasClean }
  }, closing)
}

test.describe('a browser that has a page over HTTP/2', () => {
  let echo: Echo
  let gateway: TestGateway
  test.beforeEach(async ({ page }) => {
    echo = await echoing()
    gateway = await startSecuredGateway(echo)
    await page.goto(`https://127.0.0.1:${gateway.port}/`)
    const protocol = await page.evaluate(
      () =>
        performance.getEntriesByType('navigation').map((entry) => Reflect.get(entry, 'nextHopProtocol'))[0],
    )
    expect(protocol).toBe('h2')
  })
  test.afterEach(async () => {
    await gateway.close()
    await echo.kill()
  })

  /** That of a WebSocket over HTTP/1.1 would be a second one. */
  const tcpConnections = async (): Promise<number> => {
    const [listening] = gateway.gateway.listeners.sockets()
    if (listening === undefined) throw new Error('nothing listens')
    return await promisify(listening.server.getConnections.bind(listening.server))()
  }
  const inFlight = (): number => gateway.gateway.plane.inFlight.count

  test('opens a WebSocket on the same connection, and both see its close', async ({ page }) => {
    const outcome = talk(page, '/ws', 4001)
    await until('it is open', () => echo.opened.length === 1)
    expect(await tcpConnections()).toBe(1)
    expect(await outcome).toEqual({
      isOpened: true,
      echoed: [5, 300_000],
      code: 4001,
      reason: 'done',
      wasClean: true,
    })
    expect(echo.closed).toEqual([[4001, 'done']])
    await until('no count is left', () => inFlight() === 0)
    expect(gateway.gateway.plane.lost.reports()).toEqual([])
  })

  test('sees it end when the replica dies, and the gateway lists it as unfinished', async ({ page }) => {
    const outcome = talk(page, '/ws', null)
    await until('it is open', () => echo.opened.length === 1)
    for (const socket of echo.sockets) socket.resetAndDestroy()
    expect(await outcome).toMatchObject({ isOpened: true, code: 1006, wasClean: false })
    await until('no count is left', () => inFlight() === 0)
    const [report] = gateway.gateway.plane.lost.reports()
    expect(report?.requests).toMatchObject([{ kind: 'websocket', path: '/ws', cause: 'replica_lost' }])
  })

  test('is told of a refusal, and its page goes on', async ({ page }) => {
    expect(await talk(page, '/no', null)).toMatchObject({ isOpened: false, code: 1006 })
    const body = await page.evaluate(async () => await (await fetch('/')).text())
    expect(body).toBe('plain')
    await until('no count is left', () => inFlight() === 0)
  })
})
