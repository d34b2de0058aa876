import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { until } from '@skykeep/testing/until'
import { answering, onePlane } from '../verbs/running-plane.ts'

const plane = onePlane()

/** What a REST client that follows the logs of a service gets, as it comes. */
async function followByRest(
  name: string,
): Promise<{ readonly text: () => string; readonly end: () => void }> {
  const token = readFileSync(layoutOf(plane.root).localToken, 'utf8').trim()
  const end = new AbortController()
  const url = `http://127.0.0.1:${plane.webPort}/api/v1/services/${name}/logs/follow`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: end.signal })
  expect(response.status).toBe(200)
  let text = ''
  void (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk)
  })().catch(() => undefined)
  return { text: () => text, end: () => end.abort() }
}

it('logs that are followed as soon as the service is asked for: by REST and in a terminal, and of what comes later', async () => {
  await plane.run(['serve', 'up', plane.serviceFile('first', answering)])
  const file = plane.serviceFile('newborn', `sleep 2\n${answering}`)
  expect((await plane.run(['serve', 'up', file, '--async'])).code).toBe(0)
  const rest = await followByRest('newborn')
  const line = plane.start(['serve', 'logs', 'newborn', '--follow'])
  let shown = ''
  line.stdout?.on('data', (chunk: Buffer) => (shown += chunk.toString()))
  await until('the first line by REST', () => rest.text().includes('hello from 1'))
  await until('the first line in the terminal', () => shown.includes('hello from 1'))
  await plane.run(['serve', 'down', 'newborn', '--replica-id', '1'])
  await until('the line of the replica that came later', () => rest.text().includes('hello from 2'))
  rest.end()
  line.kill('SIGKILL')
})
