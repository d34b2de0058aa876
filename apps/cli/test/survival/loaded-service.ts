import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Load, type LoadFailure, type LoadPlan } from '@skykeep/testing/load'
import { TestPlane, type PlaneOptions, type StatusJson } from '@skykeep/testing/plane'
import { until } from '@skykeep/testing/until'

const fixture = path.resolve(import.meta.dirname, '../../../../packages/testing/fixtures/load-target')
const wsModule = path.join(path.dirname(createRequire(import.meta.url).resolve('ws')), 'wrapper.mjs')

/** Build folder under test; the test command makes it. */
export const build =
  process.env['SKYKEEP_TEST_BUILD'] ?? path.resolve(import.meta.dirname, '../../../../.build/current')

const usualLoad = { requestsPerSecond: 300, streams: 6, streamSeconds: 20, webSockets: 6 }

/** A plane that serves two replicas of the load target, and clients of it. */
export interface LoadedService {
  readonly plane: TestPlane
  readonly load: Load
  /** pids of the ready replicas when the load began, by replica id. */
  readonly pids: ReadonlyMap<number, number>
  status(): Promise<StatusJson>
  end(): Promise<void>
}

/** Starts a plane, serves the load target on it and puts it under load. */
export async function loadedService(
  options: Partial<PlaneOptions> & {
    readonly plan?: Partial<LoadPlan>
    readonly replicas?: number
    /** Instead of `replicas`: lines of the section `service`, indented. */
    readonly scaling?: string
  } = {},
): Promise<LoadedService> {
  const plane = await TestPlane.create({ build, ...options })
  plane.up()
  await plane.untilActive()
  const yaml = writeYaml(options.scaling ?? `  replicas: ${options.replicas ?? 2}`)
  const served = await plane.cli('serve', 'up', yaml.file)
  rmSync(yaml.folder, { recursive: true })
  if (served.code !== 0)
    throw new Error(`serve up failed:\n${served.stdout}\n${served.stderr}\n${plane.upOutput()}`)
  const status = async (): Promise<StatusJson> =>
    await until('the service has a status', async () => await plane.status('loaded'))
  const first = await status()
  const load = new Load({ ...usualLoad, url: first.endpoint, ...options.plan })
  load.start()
  await until('the load flows', () => load.requests > 100)
  return {
    plane,
    load,
    pids: readyPids(first),
    status,
    end: async () => {
      await load.abandon()
      await plane.destroy()
    },
  }
}

/** pids of the ready replicas by replica id. */
export function readyPids(status: StatusJson): ReadonlyMap<number, number> {
  return new Map(
    status.replicas.flatMap(({ id, pid, status: replicaStatus }) =>
      replicaStatus === 'READY' && pid !== null ? [[id, pid] as const] : [],
    ),
  )
}

/** A stream that has been under way for so long stands in the list, if it breaks: a quarter of a second. */
export const lastingMs = 250

/** Streams and WebSockets that were under way long enough to stand in the list. */
export function brokenStreams(failures: readonly LoadFailure[]): readonly LoadFailure[] {
  return failures.filter(({ kind, ageMs }) => kind !== 'request' && ageMs > lastingMs)
}

/** Failures by what failed, for a readable assertion. */
export function summary(failures: readonly LoadFailure[]): readonly string[] {
  return failures.map(({ kind, method, path: where, reason }) => `${kind} ${method} ${where}: ${reason}`)
}

function writeYaml(scaling: string): { readonly file: string; readonly folder: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-yaml-'))
  const file = path.join(folder, 'service.yaml')
  writeFileSync(
    file,
    `name: loaded
workdir: ${fixture}
envs:
  WS_MODULE: ${wsModule}
resources:
  infra: local
run: exec node server.js
service:
  readiness_probe:
    path: /
    endpoint_probe_interval_seconds: 2
    initial_delay_seconds: 60
    timeout_seconds: 2
    consecutive_failure_threshold_timeout: 6
${scaling}
`,
  )
  return { file, folder }
}
