import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { until } from '../../packages/testing/src/until.ts'
import { demand, type Checks } from './checks.ts'
import { podmanOf } from './engine.ts'
import type { Place } from './place.ts'

interface Container {
  readonly livenessProbe: { readonly exec: { readonly command: readonly string[] } }
  readonly readinessProbe: { readonly httpGet: { readonly path: string } }
  readonly ports: readonly { readonly containerPort: number }[]
}

interface PodSpec {
  readonly containers: readonly [Container]
  readonly volumes: readonly object[]
}

interface StatefulSet {
  readonly kind: 'StatefulSet'
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec }
    readonly volumeClaimTemplates: readonly [{ readonly spec: object }]
  }
}

interface ConfigMap {
  readonly kind: 'ConfigMap'
}

const pod = 'skykeep-0'
const container = `${pod}-skykeep`
const claim = `path-${pod}`
const secret = 'skykeep-master-key'

/** The pod of the StatefulSet, as `podman kube play` runs it. What only a cluster does is said in docs/kubernetes.md. */
export async function playPod(checks: Checks, place: Place, source: string): Promise<void> {
  const podman = podmanOf(place)
  const must = (...args: readonly string[]): Promise<string> => place.must([...podman, ...args])
  const inside = (...line: readonly string[]): Promise<string> => must('exec', container, ...line)
  const cli = (...line: readonly string[]): Promise<string> => inside(...program, ...line)
  const { spec, first, next } = await layPod(place, source)
  const [{ livenessProbe, readinessProbe, ports }] = spec.containers

  /** As a kubelet asks: from outside of the pod, at its own address. */
  const isReady = async (): Promise<boolean> => {
    const address = (await inside('hostname', '-I')).trim()
    const url = `http://${address}:${ports[0]?.containerPort}${readinessProbe.httpGet.path}`
    return (await place.run(['curl', '--silent', '--fail', '--max-time', '1', url])).code === 0
  }
  const ready = (): Promise<boolean> => until('the pod is ready', () => isReady().catch(() => false), 120_000)

  await place.run([...podman, 'pod', 'rm', '--force', pod])
  await place.run([...podman, 'volume', 'rm', '--force', claim, 'skykeep'])
  await place.run([...podman, 'secret', 'rm', secret])
  await must('secret', 'create', secret, path.join(place.folder, 'secret.json'))

  await checks.check('kubernetes: the pod becomes ready and is alive, asked as its probes ask', async () => {
    await must('kube', 'play', first)
    await ready()
    const { command } = livenessProbe.exec
    await until(
      'it is alive',
      async () => (await place.run([...podman, 'exec', container, ...command])).code === 0,
    )
  })
  await checks.check('kubernetes: its security context holds, and the claim takes the path', async () => {
    demand(await inside('id', '-u'), /^10001$/m)
    demand(await inside('grep', '-E', 'CapEff|CapBnd|NoNewPrivs', '/proc/1/status'), /0{16}\n.*0{16}\n.*\t1/)
    demand(await inside('grep', 'Seccomp:', '/proc/1/status'), /\t2$/m)
    demand((await place.run([...podman, 'exec', container, 'touch', '/x'])).output, 'Read-only')
    demand(await inside('stat', '--format=%a %u', '/data/skykeep'), /^700 10001$/m)
    demand(await cli('state', 'doctor'), /master key .*is the one/)
  })
  await checks.check(
    'kubernetes: it serves, ends in good order, and the next pod on its claim serves on',
    async () => {
      await must('cp', path.join(source, 'examples'), `${container}:/data/examples`)
      await must(
        'exec',
        '--workdir=/data',
        container,
        ...program,
        'serve',
        'up',
        'examples/hello/service.yaml',
      )
      demand(await inside('/opt/skykeep/node', '-e', askEndpoint), 'Hello')
      await must('stop', '--time=30', container)
      demand(await must('inspect', '--format={{.State.ExitCode}}', container), /^0$/m)
      await must('pod', 'rm', '--force', pod)
      await must('volume', 'rm', '--force', 'skykeep')
      await must('kube', 'play', next)
      await ready()
      const answers = async (): Promise<boolean> =>
        (await inside('/opt/skykeep/node', '-e', askEndpoint)).includes('Hello')
      await until('an answer of the service', () => answers().catch(() => false), 60_000)
      await must('pod', 'rm', '--force', pod)
    },
  )
}

const program = ['/opt/skykeep/node', '/opt/skykeep/cli.mjs']
const askEndpoint = "fetch('http://127.0.0.1:30001/').then(async (reply) => console.log(await reply.text()))"

/** The pod that the StatefulSet's controller would make, with its claim and config.yaml, in a file of the place; and the next one, on the same claim. */
async function layPod(
  place: Place,
  source: string,
): Promise<{ readonly spec: PodSpec; readonly first: string; readonly next: string }> {
  const render = 'kubectl kustomize "$0" | kubectl annotate --local --filename - tried=here --output json'
  const all = await place.must(['sh', '-c', render, path.join(source, 'deploy/kubernetes')])
  // Of this very kustomization, which a test holds against Kubernetes' own schemas.
  const objects = all.split(/^(?=\{$)/m).map((text) => JSON.parse(text) as ConfigMap | StatefulSet)
  const set = objects.find((object): object is StatefulSet => object.kind === 'StatefulSet')
  const config = objects.find(({ kind }) => kind === 'ConfigMap')
  if (set === undefined || config === undefined)
    throw new Error(`no StatefulSet with a ConfigMap in:\n${all}`)
  const { metadata, spec } = set.spec.template
  const volumes = [...spec.volumes, { name: 'path', persistentVolumeClaim: { claimName: claim } }]
  // Podman 4.3 breaks the words of an exec probe apart at blanks: its own health check is left out, and the probe's command is run as it stands.
  const containers = spec.containers.map((container) => ({ ...container, livenessProbe: undefined }))
  const held = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim },
    spec: set.spec.volumeClaimTemplates[0].spec,
  }
  const played = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, labels: metadata.labels },
    spec: { ...spec, containers, volumes },
  }
  const write = (name: string, ...objects: readonly object[]): string => {
    const file = path.join(place.folder, name)
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
    return file
  }
  // As Podman 4.3 keeps a Secret: its keys, each in base64.
  const key = `v1:${Buffer.alloc(32, 7).toString('base64')}`
  writeFileSync(
    path.join(place.folder, 'secret.json'),
    JSON.stringify({ key: Buffer.from(key).toString('base64') }),
  )
  // A claim that is there already is refused.
  return {
    spec,
    first: write('pod.yaml', config, held, played),
    next: write('pod-next.yaml', config, played),
  }
}
