import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { TestPlane } from '../../packages/testing/src/plane.ts'

/** How long people wait for one thing, milliseconds. */
export interface Timing {
  readonly what: string
  readonly median: number
  readonly longest: number
}

/** Times verbs of the command line, whole processes, and what the dashboard's pages ask for, each so many rounds. */
export async function timings(plane: TestPlane, service: string, rounds: number): Promise<readonly Timing[]> {
  const verb =
    (...args: readonly string[]) =>
    async () => {
      const { code, stderr } = await plane.cli(...args)
      if (code !== 0) throw new Error(stderr)
    }
  const page = (address: string) => async () => await get(plane, address)
  const input = (value: object): string => encodeURIComponent(JSON.stringify({ json: value }))
  const asked = [
    ['skykeep --version (nothing asked)', verb('--version')],
    ['skykeep status', verb('status')],
    ['skykeep serve status', verb('serve', 'status')],
    [`skykeep serve status ${service}`, verb('serve', 'status', service)],
    ['dashboard: document /services', page('/services')],
    ['dashboard: services.list', page(`/api/trpc/services.list?input=${input({ limit: 100 })}`)],
    ['dashboard: system.overview', page('/api/trpc/system.overview')],
    [`dashboard: services.get`, page(`/api/trpc/services.get?input=${input({ name: service })}`)],
    ['dashboard: system.status', page('/api/trpc/system.status')],
    ['dashboard: events.list', page(`/api/trpc/events.list?input=${input({ limit: 100 })}`)],
  ] as const
  const measured: Timing[] = []
  for (const [what, ask] of asked) {
    await ask()
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now()
      await ask()
      times.push(performance.now() - startedAt)
    }
    times.sort((a, b) => a - b)
    measured.push({ what, median: times[Math.floor(times.length / 2)] ?? 0, longest: times.at(-1) ?? 0 })
  }
  return measured
}

async function get(plane: TestPlane, address: string): Promise<void> {
  const token = readFileSync(path.join(plane.root, 'keys/local-token'), 'utf8').trim()
  const reply = await fetch(`http://127.0.0.1:${plane.webPort}${address}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'manual',
  })
  const text = await reply.text()
  if (reply.status >= 400) throw new Error(`${address}: ${reply.status} ${text.slice(0, 300)}`)
}
