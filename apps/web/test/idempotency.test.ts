import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listOperations } from '@skykeep/db/operations'
import { findService } from '@skykeep/db/services'
import { until } from '@skykeep/testing/until'
import { startWebProcess, type WebProcess } from '../e2e/plane/web-process.ts'

const yaml = 'name: hello\nservice:\n  readiness_probe: /\nrun: serve\n'

let web: WebProcess
let authorization = ''

beforeAll(async () => {
  web = await startWebProcess()
  authorization = `Bearer ${readFileSync(web.layout.localToken, 'utf8').trim()}`
})
afterAll(() => web.destroy())

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

/** Brings a service of that name up, with its name for a key. */
async function up(name: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`${web.origin}/api/v1/services`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': name },
    body: JSON.stringify({ yaml, name }),
    ...(signal === undefined ? {} : { signal }),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

/** The same until it is answered for good, as a client does that keeps to the documentation. */
const upUntilAnswered = (name: string): Promise<Answer> =>
  until(`an answer about ${name}`, async () => {
    const answer = await up(name).catch(() => null)
    return answer !== null && answer.status !== 409 && answer
  })

async function operationsOf(name: string): Promise<number> {
  const service = await findService(web.db, 'default', name)
  return service === null ? 0 : (await listOperations(web.db, { targetUid: service.uid })).total
}

it('twelve connections that send it at the same instant: one effect, and one answer for all', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => up('crowd')))
  const refused = answers.filter(({ status }) => status === 409)
  for (const { headers, text } of refused) {
    expect(headers.get('retry-after')).toBe('1')
    expect(JSON.parse(text)).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' })
  }
  const ends = await Promise.all(answers.map(() => upUntilAnswered('crowd')))
  const given = answers.filter(({ status }) => status !== 409)
  expect(given.length + refused.length).toBe(12)
  expect(new Set([...given, ...ends].map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(given.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1)
  expect(await operationsOf('crowd')).toBe(1)
})

it('the reply is lost and the web server killed after the effect: the repetition gets the first answer', async () => {
  const gone = new AbortController()
  const lost = up('lost', gone.signal).catch(() => null)
  await until('the effect', async () => (await operationsOf('lost')) > 0)
  gone.abort()
  await web.kill()
  await lost
  await web.start()
  const answer = await upUntilAnswered('lost')
  expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
  expect(JSON.parse(answer.text)).toMatchObject({ name: 'lost', operationUid: expect.stringMatching(/^op_/) })
  expect(await operationsOf('lost')).toBe(1)
})

it('killed at any moment of eight requests, each has one effect when it has been repeated', async () => {
  const rounds = Array.from({ length: 8 }, (_, round) => ({ name: `killed-${round}`, afterMs: round * 4 }))
  for (const { name, afterMs } of rounds) {
    // A server that has answered once takes a few milliseconds for the next.
    await upUntilAnswered('crowd')
    const cut = up(name).catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await web.kill()
    await cut
    await web.start()
    const answer = await upUntilAnswered(name)
    expect(JSON.parse(answer.text), name).toMatchObject({ operationUid: expect.stringMatching(/^op_/) })
  }
  const counts = await Promise.all(rounds.map(({ name }) => operationsOf(name)))
  expect(counts).toEqual(rounds.map(() => 1))
})
