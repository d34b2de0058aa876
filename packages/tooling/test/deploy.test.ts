import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../src/repository.ts'

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const dockerfile = read('deploy/docker/Dockerfile')
const compose = read('docker-compose.yml')
const unit = read('deploy/systemd/skykeep.service')
const statefulSet = read('deploy/kubernetes/statefulset.yaml')
const files = ['docker-compose.yml', ...globSync('deploy/{docker,systemd,kubernetes}/*', { cwd: root })]

it('each environment variable of ours that a deployment sets is one that the command line reads', () => {
  const [, ofCommandLine = ''] = read('docs/reference/environment.md').split(/^## .+$/m)
  const known = new Set(ofCommandLine.match(/`SKY(?:KEEP|PILOT)_[A-Z_]+`/g)?.map((name) => name.slice(1, -1)))
  for (const file of files) {
    for (const name of read(file).match(/\bSKY(?:KEEP|PILOT)_[A-Z_]+/g) ?? []) {
      expect([file, name, known.has(name)]).toEqual([file, name, true])
    }
  }
})

it('each key of a config.yaml that a deployment brings is one that the program reads', () => {
  const known = new Set(
    read('docs/reference/configuration.md')
      .match(/^\| `[^`]+`/gm)
      ?.map((cell) => cell.slice(3, -1)),
  )
  const brought = [read('deploy/kubernetes/config.yaml').split('config.yaml: |')[1] ?? '']
  const keys = brought.flatMap((text) => {
    const [block = ''] = text.split(/^\S/m)
    const section = /^ +([a-z]+):$/m.exec(block)?.[1]
    return [...block.matchAll(/^ +([a-z_]+): \S/gm)].map(([, key]) => `${section}.${key}`)
  })
  const ofCompose = /^echo "(\w+): \{ (\w+): .*settings\/config\.yaml$/m.exec(read('docs/docker.md'))
  keys.push(ofCompose?.slice(1).join('.') ?? '')
  expect(keys).toEqual(['role.port', 'role.host', 'database.url'])
  expect(keys.filter((key) => !known.has(key))).toEqual([])
})

it('programs are where the build puts them', () => {
  const bundle = read('packages/tooling/src/build/bundle.ts')
  const assemble = read('packages/tooling/src/build/assemble.ts')
  expect(bundle).toMatch(/\bcli\b/)
  expect(assemble).toContain("path.join(unfinished, 'node')")
  expect(dockerfile).toContain('ENTRYPOINT ["/opt/skykeep/node", "/opt/skykeep/cli.mjs"]')
  expect(dockerfile).toContain('COPY --from=build /skykeep /opt/skykeep')
  expect(statefulSet).toContain('- /opt/skykeep/node')
  expect(unit).toContain('"$$SKYKEEP_BUILD/node" "$$SKYKEEP_BUILD/cli.mjs" up')
})

it('the health check asks the port and the path that the dashboard answers', () => {
  expect(read('docs/reference/configuration.md')).toMatch(/`web\.port` .*\| 46580 /)
  expect(read('apps/web/src/server/health-routes.ts')).toContain('GET /healthz')
  for (const text of [dockerfile, statefulSet]) expect(text).toContain('http://127.0.0.1:46580/healthz')
  expect(compose).toContain('http://127.0.0.1:46580/role')
  expect(statefulSet).toContain('path: /role')
  expect(read('apps/cli/src/supervisor/role-server.ts')).toContain("'/role'")
})

it('the root file system is read-only, nobody is root, and the path is kept', () => {
  expect(dockerfile).toContain('USER 10001:10001')
  expect(dockerfile).toContain('VOLUME /data')
  expect(compose).toContain('read_only: true')
  expect(compose).toContain('- path:/data')
  for (const line of [
    'readOnlyRootFilesystem: true',
    'runAsNonRoot: true',
    'runAsUser: 10001',
    'mountPath: /data',
  ]) {
    expect(statefulSet).toContain(line)
  }
  for (const line of ['ProtectSystem=strict', 'User=skykeep', 'StateDirectory=skykeep', 'Restart=always']) {
    expect(unit).toContain(line)
  }
  expect(unit).toContain('SKYPILOT_PERSISTENT_PATH=/var/lib/skykeep')
})

it('the kustomization names each manifest of its folder', () => {
  const named = read('deploy/kubernetes/kustomization.yaml')
    .match(/^ {2}- ([a-z-]+\.yaml)$/gm)
    ?.map((line) => line.slice(4))
  const there = globSync('*.yaml', { cwd: path.join(root, 'deploy/kubernetes') })
  expect(named?.toSorted()).toEqual(there.filter((file) => file !== 'kustomization.yaml').toSorted())
})
