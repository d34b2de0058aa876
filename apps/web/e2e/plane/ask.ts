import { request } from 'node:http'
import type { Page } from '@playwright/test'

export interface Question {
  readonly origin: string
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** One request of a program, with headers that `fetch` would not send as given. */
export function ask({ origin, path, method = 'GET', headers = {}, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body ?? (method === 'POST' ? '{}' : undefined))
  })
}

/** Both halves of the session of a signed-in page: the cookie's header and the proof in its origin's storage. */
export async function sessionOf(page: Page): Promise<{ readonly cookie: string; readonly proof: string }> {
  const session = (await page.context().cookies()).find((each) => each.name === 'skykeep_session')
  const stored = await page.evaluate(() => Object.values(localStorage))
  const proofs = stored.filter((value) => /^[\w-]{43}$/.test(String(value)))
  if (session === undefined || proofs.length !== 1) throw new Error('the page is not signed in')
  return { cookie: `skykeep_session=${session.value}`, proof: String(proofs[0]) }
}
