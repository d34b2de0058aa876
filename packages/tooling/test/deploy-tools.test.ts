import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { root } from '../src/repository.ts'

const manifests = path.join(root, 'deploy/kubernetes')
const unit = path.join(root, 'deploy/systemd/skykeep.service')
const has = (tool: string, ...probe: readonly string[]): boolean => spawnSync(tool, probe).status === 0
const hasKubectl = has('kubectl', 'version', '--client')
const hasSchemas = has('kubernetes-validate', '--help')
const hasSystemd = has('systemd-analyze', '--version')
const without = (tool: string, isThere: boolean): string => (isThere ? '' : ` (needs ${tool})`)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'skykeep-manifests-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What a tool of the machine prints. Throws with what it says when it refuses. */
function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ends with ${status}: ${stderr}${stdout}`)
  return stdout
}

it.skipIf(!hasKubectl)(
  `the kustomization builds: each object once, in its namespace${without('kubectl', hasKubectl)}`,
  () => {
    const built = run('kubectl', 'kustomize', manifests).split(/^---$/m)
    const kinds = built.map((text) => /^kind: (\w+)$/m.exec(text)?.[1])
    const policies = ['NetworkPolicy', 'PodDisruptionBudget']
    expect(kinds.toSorted()).toEqual([
      'ConfigMap',
      'Namespace',
      ...policies,
      'Secret',
      'Service',
      'StatefulSet',
    ])
    for (const text of built) expect(text).toMatch(/^ {2}(namespace|name): skykeep$/m)
    expect(built.find((text) => text.includes('kind: StatefulSet'))).toContain('image: skykeep:local')
  },
)

it.skipIf(!hasKubectl)(
  `a line of docs/kubernetes.md puts a key into the Secret, where the pod looks for it${without('kubectl', hasKubectl)}`,
  () => {
    const line = /^sed .*secret\.yaml/m.exec(readFileSync(path.join(root, 'docs/kubernetes.md'), 'utf8'))?.[0]
    copyFileSync(path.join(manifests, 'secret.yaml'), path.join(folder, 'secret.yaml'))
    writeFileSync(path.join(folder, 'kustomization.yaml'), 'resources: [secret.yaml]\n')
    expect(spawnSync('sh', ['-c', line ?? 'false'], { cwd: folder }).status).toBe(0)
    const secret = run('kubectl', 'kustomize', folder)
    expect(secret).toMatch(/^ {2}key: v1:[A-Za-z0-9+/]{43}=$/m)
    const pod = readFileSync(path.join(manifests, 'statefulset.yaml'), 'utf8')
    const [, name, key] = /secretKeyRef:\s+name: (\S+)\s+key: (\S+)/.exec(pod) ?? []
    expect(secret).toContain(`name: ${name}`)
    expect(key).toBe('key')
  },
)

it.skipIf(!hasKubectl || !hasSchemas)(
  `each manifest is what Kubernetes' own schemas ask for${without('kubectl and kubernetes-validate', hasKubectl && hasSchemas)}`,
  () => {
    const file = path.join(folder, 'all.yaml')
    writeFileSync(file, run('kubectl', 'kustomize', manifests))
    expect(spawnSync('kubernetes-validate', ['--strict', file]).status).toBe(0)
    writeFileSync(file, run('kubectl', 'kustomize', manifests).replace('serviceName:', 'serviceNmae:'))
    expect(spawnSync('kubernetes-validate', ['--strict', file]).status).not.toBe(0)
  },
)

it.skipIf(!hasSystemd)(
  `the unit is right, and exposed to little${without('systemd-analyze', hasSystemd)}`,
  () => {
    expect(spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })).toMatchObject({ status: 0 })
    const report = run('systemd-analyze', 'security', '--offline=true', unit)
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(report)?.[1])).toBeLessThan(2)
  },
)
