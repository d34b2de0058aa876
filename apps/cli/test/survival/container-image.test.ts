import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { ImageRoot, whyNoImage, type ImageRun } from './image-root.ts'
import { build } from './loaded-service.ts'

const root = path.resolve(import.meta.dirname, '../../../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

/** What the last stage of the Dockerfile says, one line an instruction. */
const instructions = read('deploy/docker/Dockerfile')
  .split(/^FROM .*$/m)
  .at(-1)
  ?.replaceAll(/\\\n\s*/g, '')
  .split('\n')
const valueOf = (name: string): string =>
  instructions?.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
const listOf = (name: string): readonly string[] => {
  // A JSON list of texts in each instruction that is read so.
  return JSON.parse(valueOf(name).replace(/^[^[]*/, '')) as string[]
}
const imageEnvironment = Object.fromEntries(
  valueOf('ENV')
    .split(/\s+/)
    .map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? '']),
)
const base = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...imageEnvironment }
const user = Number(valueOf('USER').split(':')[0])

const statefulSet = read('deploy/kubernetes/statefulset.yaml')
const podEnvironment = Object.fromEntries(
  [...statefulSet.matchAll(/- name: (SKY\w+)\n\s+value: (\S+)/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)
const podConfig = (read('deploy/kubernetes/config.yaml').split('config.yaml: |\n')[1] ?? '').replaceAll(
  /^ {4}/gm,
  '',
)

const common = { build, user, examples: path.join(root, 'examples') }
interface Deployment extends ImageRun {
  readonly readyUrl: string
}

const runs: readonly (readonly [string, Deployment])[] = [
  [
    'with Docker: a volume of the image',
    {
      ...common,
      environment: base,
      config: '',
      readyUrl: 'http://127.0.0.1:46580/role',
      volume: { uid: user, gid: user, mode: '0700' },
    },
  ],
  [
    'on Kubernetes: a volume of the pod, given to its group; environment, config.yaml and key of the manifests',
    {
      ...common,
      environment: {
        ...base,
        ...podEnvironment,
        SKYKEEP_MASTER_KEY: `v1:${Buffer.alloc(32, 7).toString('base64')}`,
      },
      config: podConfig,
      readyUrl: `http://127.0.0.1:${/port: (\d+)/.exec(podConfig)?.[1]}/role`,
      volume: { uid: 0, gid: user, mode: '2770' },
    },
  ],
]

const skipped = whyNoImage === undefined ? '' : ` (${whyNoImage})`

describe.skipIf(whyNoImage !== undefined).each(runs)(
  `the image, as an engine runs it, %s${skipped}`,
  (_, run) => {
    const [program, ...entry] = listOf('ENTRYPOINT')
    const cli = (...args: readonly string[]): readonly string[] => [program ?? '', ...entry, ...args]
    let image: ImageRoot
    let main: ChildProcess
    beforeAll(async () => {
      image = await ImageRoot.create(run)
      main = image.start(cli(...listOf('CMD')))
    })
    afterAll(() => {
      image.run(cli('stop', '--services'))
      image.end()
    })

    const ask = (url: string): string =>
      image.run([
        program ?? '',
        '-e',
        `fetch('${url}').then(async (r) => console.log(r.status, await r.text()))`,
      ]).output

    it('becomes healthy as nobody in particular, with nothing to write but /data', async () => {
      await until('its health check is content', () => image.run(listOf('HEALTHCHECK')).code === 0, 90_000)
      expect(image.run(['id', '-u']).output.trim()).toBe(String(user))
      for (const file of ['/written', '/opt/skykeep/written', '/etc/skykeep/written', '/services/written'])
        expect(image.run(['touch', file]).output).toMatch(/Read-only file system|Permission denied/)
      expect(image.run(cli('system', 'status')).output).toContain(
        `${run.environment['SKYPILOT_PERSISTENT_PATH']}`,
      )
    })

    it('serves an example of the mounted folder', async () => {
      const served = image.run(cli('serve', 'up', 'examples/hello/service.yaml'))
      expect(served).toMatchObject({ code: 0 })
      expect(ask('http://127.0.0.1:30001/')).toContain('200 Hello')
    })

    it('its stop signal ends it in good order, and the next start finds the service', async () => {
      const ended = once(main, 'exit')
      const signal = valueOf('STOPSIGNAL')
      expect(signal).toBe('SIGINT')
      main.kill('SIGINT')
      expect(await ended).toEqual([0, null])
      main = image.start(cli(...listOf('CMD')))
      await until('it is healthy again', () => image.run(listOf('HEALTHCHECK')).code === 0, 90_000)
      expect(ask('http://127.0.0.1:30001/')).toContain('200 Hello')
    })

    it('who asks whether it is ready, where the deployment has it asked, hears 200', async () => {
      // A plane that just began stands by for a moment.
      await until('the active plane', () => !ask(run.readyUrl).includes('standby'))
      expect(ask(run.readyUrl)).toContain('200 {"role":"active"}')
    })
  },
)
