import { authorize } from '@skykeep/actions/authorize'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import { SkykeepError } from '@skykeep/core/errors'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { expositionType, mergeExpositions } from '@skykeep/telemetry/metrics/exposition'
import { readEnv } from './env.ts'
import { gatherProcesses } from './gather-processes.ts'
import { guarded } from './guard.ts'
import { plane, planeIfOpen } from './plane.ts'
import { readPlaneGauges } from './plane-gauges.ts'
import { watching } from './watching.ts'

/** `GET /metrics`: the whole plane in one answer. A process that does not answer is a gap and `skykeep_up` 0, never an error. */
export function handleMetrics(request: Request): Promise<Response> {
  return guarded(request, async () => {
    await requireScraper(request)
    const layout = layoutOf(readEnv().persistentPath)
    const { metrics, plane: gauges } = watching()
    const others = await gatherProcesses(layout)
    await readPlaneGauges(gauges, layout, planeIfOpen())
    gauges.up.reset()
    for (const { process, text } of others) gauges.up.set({ process }, text === null ? 0 : 1)
    gauges.up.set({ process: 'web' }, 1)
    const texts = [await metrics.text(), ...others.map(({ text }) => text ?? '')]
    return new Response(mergeExpositions(texts), { headers: { 'content-type': expositionType } })
  })
}

/** A proxy in front makes everyone look as if he came from this machine: what it says of a client counts as one from outside. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

async function requireScraper(request: Request): Promise<void> {
  const { metricsAccess } = readEnv()
  if (metricsAccess === 'off') {
    throw new SkykeepError('NOT_FOUND', 'telemetry.metrics is off', {
      userMessage: 'Metrics are switched off here.',
      hint: 'Set `telemetry.metrics: token` in config.yaml and start Skykeep again.',
    })
  }
  const isLocal = isLoopbackHost(request) && !forwarded.some((name) => request.headers.has(name))
  if (metricsAccess === 'loopback' && isLocal) return
  const { auth } = await plane()
  const actor = await identify(auth, credentialsOf(request.headers))
  if (actor !== null) return authorize(actor, 'system:read')
  throw new SkykeepError('UNAUTHENTICATED', 'no token for /metrics', {
    userMessage: 'A scrape needs a token.',
    hint: 'Send `Authorization: Bearer …`, or set `telemetry.metrics: loopback` in config.yaml for scrapers on this machine.',
  })
}

/** The server listens on 127.0.0.1 only; another name comes through something in front. */
function isLoopbackHost(request: Request): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.get('host') ?? '')
}
