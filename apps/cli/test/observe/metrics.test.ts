import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, type LoadedService } from '../survival/loaded-service.ts'
import { receiveTraces, type TraceReceiver } from './trace-receiver.ts'

const hasPrometheus = ['prometheus', 'promtool'].every((name) => spawnSync(name, ['--version']).status === 0)

describe('a whole plane is observed', () => {
  let service: LoadedService
  let traces: TraceReceiver
  let token = ''
  beforeAll(async () => {
    traces = await receiveTraces()
    service = await loadedService({ config: `telemetry:\n  otlp_endpoint: ${traces.endpoint}\n` })
    token = readFileSync(path.join(service.plane.root, 'keys', 'local-token'), 'utf8').trim()
  })
  afterAll(async () => {
    await service.end()
    await traces.close()
  })

  const scrape = async (headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    await fetch(`http://127.0.0.1:${service.plane.webPort}/metrics`, { headers })
  const scraped = async (): Promise<string> => {
    const response = await scrape({ authorization: `Bearer ${token}` })
    expect(response.status).toBe(200)
    return await response.text()
  }

  it('one scrape tells of every process, the services, the requests and the autoscaler', async () => {
    const text = await until('requests are counted', async () => {
      const found = await scraped()
      return (
        /skykeep_gateway_requests_total\{service="loaded",version="1",process="gateway-\d",class="2xx"\} [1-9]/.test(
          found,
        ) && found
      )
    })
    for (const name of ['web', 'worker', 'gateway-0', 'gateway-1'])
      expect(text).toMatch(new RegExp(`skykeep_up\\{(process="${name}"[^}]*)\\} 1`))
    expect(text).toMatch(/skykeep_service_replicas_ready\{[^}]*service="loaded"[^}]*\} 2/)
    expect(text).toMatch(/skykeep_reconcile_duration_seconds_count\{[^}]*kind="service"[^}]*\} [1-9]/)
    expect(text).toMatch(
      /skykeep_provider_call_duration_seconds_count\{[^}]*infra="local"[^}]*verb="createNode"[^}]*outcome="ok"[^}]*\} 2/,
    )
    expect(text).toMatch(/skykeep_node_call_duration_seconds_count\{[^}]*verb="startJob"[^}]*\} 2/)
    expect(text).toMatch(/skykeep_replica_time_to_ready_seconds_count\{[^}]*service="loaded"[^}]*\} 2/)
    expect(text).toMatch(
      /skykeep_web_request_duration_seconds_count\{[^}]*procedure="services.up"[^}]*code="OK"[^}]*\} 1/,
    )
    expect(text).toMatch(
      /skykeep_status_transitions_total\{[^}]*kind="replica",from="STARTING",to="READY"[^}]*\} 2/,
    )
    expect(text).not.toContain(token)
    expect(text).not.toMatch(/\/stream|path=/)
  })

  it('without a token nobody is told anything, from wherever he says that he comes', async () => {
    expect((await scrape()).status).toBe(401)
    expect((await scrape({ authorization: `Bearer ${'x'.repeat(43)}` })).status).toBe(401)
    expect((await scrape({ 'x-forwarded-for': '127.0.0.1' })).status).toBe(401)
  })

  it('the request, its operation, the reconcile and the calls to the infra are one story of spans', async () => {
    const story = await until('the spans have come', () => {
      const asked = traces.spans.find(({ name }) => name === 'services.up')
      const reconciles = traces.spans.filter(({ links }) =>
        links.some(({ traceId }) => traceId === asked?.traceId),
      )
      const kinds = new Set(reconciles.map(({ name }) => name))
      const isWhole = ['reconcile operation', 'reconcile service', 'reconcile replica'].every((name) =>
        kinds.has(name),
      )
      const inner = traces.spans.filter(({ parentSpanId }) =>
        reconciles.some(({ spanId }) => spanId === parentSpanId),
      )
      const calls = new Set(inner.map(({ name }) => name))
      return isWhole && calls.has('provider createNode') && calls.has('node startJob') && { reconciles }
    })
    const operations = new Set(story.reconciles.map(({ attributes }) => attributes['skykeep.operation']))
    expect(operations.size).toBe(1)
    expect([...operations][0]).toMatch(/^op_/)
  })

  it('a trace that a REST client began is that of the operation', async () => {
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
    const url = `http://127.0.0.1:${service.plane.webPort}/api/v1/services/loaded/schedule`
    const response = await fetch(url, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${spanId}-01`,
      },
      body: JSON.stringify({ schedule: null }),
    })
    const { operationUid } = (await response.json()) as { readonly operationUid: string }
    expect(response.status).toBe(200)
    await until('the spans have come', () => {
      const asked = traces.spans.find((span) => span.traceId === traceId && span.parentSpanId === spanId)
      return (
        asked?.name === 'services.setSchedule' &&
        traces.spans.some(
          ({ name, links, attributes }) =>
            name === 'reconcile operation' &&
            attributes['skykeep.operation'] === operationUid &&
            links.some((link) => link.traceId === traceId),
        )
      )
    })
  })

  it('every line that the worker wrote for a request is found by its id', async () => {
    const asked = JSON.parse((await service.plane.cli('ops', '--json')).stdout) as {
      uid: string
      verb: string
    }[]
    const uid = asked.find(({ verb }) => verb === 'serve.up')?.uid ?? ''
    const { code, stdout } = await service.plane.cli('ops', 'log', uid, '--json')
    expect(code).toBe(0)
    const lines = JSON.parse(stdout) as { process: string; message: string; details: string }[]
    expect(lines.length).toBeGreaterThan(0)
    for (const { process: name, details } of lines) {
      expect(name).toBe('worker')
      expect(JSON.parse(details)).toMatchObject({
        operation: uid,
        service: 'loaded',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      })
    }
  })

  it.skipIf(!hasPrometheus)(
    'a real Prometheus scrapes it, and what it was told is well-formed (needs prometheus: apt-get install prometheus)',
    async () => {
      const check = spawnSync('promtool', ['check', 'metrics'], { input: await scraped(), encoding: 'utf8' })
      expect(check.stderr + check.stdout).toBe('')
      const prometheus = await startPrometheus(service.plane.webPort, token)
      try {
        const value = await until('Prometheus knows the ready replicas', () =>
          prometheus.query('skykeep_service_replicas_ready{service="loaded"}'),
        )
        expect(value).toBe('2')
        expect(await prometheus.query('up{job="skykeep"}')).toBe('1')
      } finally {
        await prometheus.stop()
      }
    },
  )

  it('while the worker is dead, a scrape says so and tells the rest', async () => {
    const pid = await service.plane.pidOf('worker')
    process.kill(pid, 'SIGSTOP')
    const text = await scraped()
    process.kill(pid, 'SIGKILL')
    expect(text).toMatch(/skykeep_up\{process="worker"\} 0/)
    expect(text).toMatch(/skykeep_service_replicas_ready\{[^}]*service="loaded"[^}]*\} 2/)
    expect(text).toMatch(/skykeep_gateway_requests_total\{service="loaded"/)
  })
})

interface Prometheus {
  /** Value of the first series, or undefined. */
  query(expression: string): Promise<string | undefined>
  stop(): Promise<void>
}

async function startPrometheus(webPort: number, token: string): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), 'prometheus-'))
  const deployed = path.resolve(import.meta.dirname, '../../../../deploy/prometheus')
  const settings = readFileSync(path.join(deployed, 'prometheus.yml'), 'utf8')
    .replaceAll('15s', '1s')
    .replace('127.0.0.1:46580', `127.0.0.1:${webPort}`)
    .replace('skykeep-alerts.yml', path.join(deployed, 'skykeep-alerts.yml'))
    .replace(
      '    # authorization:\n    #   credentials_file: /etc/prometheus/skykeep-token',
      `    authorization: { credentials: ${token} }`,
    )
  writeFileSync(path.join(folder, 'prometheus.yml'), settings)
  const address = '127.0.0.1:39090'
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return {
    query: async (expression) => {
      try {
        const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`)
        // The HTTP API's documented shape.
        const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
        return data.result[0]?.value[1]
      } catch {
        return undefined
      }
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
