import type { TokensRoute } from '@skykeep/core/routes'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { describe, expect, it, vi } from 'vitest'
import { httpUpstream } from './harness.ts'
import { ask, secured, session } from './http2-gateway.ts'
import { keyRoute, tokenOf } from './token-maker.ts'

const tokens: TokensRoute = { keys: [keyRoute('EdDSA')], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
const iat = Math.floor(systemClock.now() / 1000)
const bearer = (claims: object): string => `Bearer ${tokenOf({ iat, exp: iat + 60, ...claims })}`

describe('the streams of one HTTP/2 connection', () => {
  it('share what was found of a token: it is looked up for the first of them, and again on another connection', async () => {
    const upstream = await httpUpstream((_request, response) => void response.end('hi'))
    const gateway = await secured(upstream, { access: { keys: [], tokens } })
    const verifier = gateway.gateway.plane.routes.serviceList[0]?.access?.tokens
    if (!verifier) throw new Error('the service takes tokens')
    const find = vi.spyOn(verifier, 'find')
    const client = session(gateway)
    const authorization = bearer({ sub: 'ann' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(client, { authorization })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(find).toHaveBeenCalledTimes(1)
    await ask(session(gateway), { authorization })
    expect(find).toHaveBeenCalledTimes(2)
  })

  it('are judged each by what it shows', async () => {
    const upstream = await httpUpstream(
      (request, response) => void response.end(request.headers['x-subject']),
    )
    const access = { keys: [], tokens: { ...tokens, subjectHeader: 'X-Subject' } }
    const client = session(await secured(upstream, { access }))
    const [ann, bob] = [bearer({ sub: 'ann' }), bearer({ sub: 'bob' })]
    const shown = [ann, bob, `${ann}x`, ann, bob, '']
    const answers = await Promise.all(shown.map((authorization) => ask(client, { authorization })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 200, 200, 401])
    expect(answers.filter(({ status }) => status === 200).map(({ body }) => body)).toEqual([
      'ann',
      'bob',
      'ann',
      'bob',
    ])
  })
})
