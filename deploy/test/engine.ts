import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { until } from '../../packages/testing/src/until.ts'
import { root } from '../../packages/tooling/src/repository.ts'
import type { Place } from './place.ts'

/** The release that the documentation was tried with; any from 2.24 on should do. */
const compose = 'github.com/docker/compose/v2/cmd@v2.29.7'

/** Starts a Docker engine in the place, with `docker compose`. @returns the environment in which `docker` speaks to it. */
export async function startDocker(place: Place): Promise<Readonly<Record<string, string>>> {
  const at = (name: string): string => path.join(place.folder, name)
  const env = { DOCKER_CONFIG: at('docker-config'), DOCKER_HOST: `unix://${at('docker.sock')}` }
  await ensureCompose(place, env.DOCKER_CONFIG)
  const answers = async (): Promise<boolean> => (await place.run(['docker', 'version'], { env })).code === 0
  if (await answers()) throw new Error(`another run uses ${place.folder}`)
  // What the engines remember as running ended with the place of an earlier run: this is another boot to them.
  for (const name of ['docker.pid', 'docker-exec', 'podman-run'])
    rmSync(at(name), { recursive: true, force: true })
  const places = [
    '--data-root',
    at('docker'),
    '--exec-root',
    at('docker-exec'),
    '--pidfile',
    at('docker.pid'),
  ]
  place.start('dockerd', ['dockerd', ...places, '--host', env.DOCKER_HOST, '--oom-score-adjust=0'])
  await until('a Docker engine', answers)
  return env
}

async function ensureCompose(place: Place, config: string): Promise<void> {
  const plugin = path.join(config, 'cli-plugins/docker-compose')
  if (existsSync(plugin)) return
  const built = path.join(place.folder, 'go')
  await place.must(['go', 'install', compose], { env: { GOPATH: built } })
  mkdirSync(path.dirname(plugin), { recursive: true })
  cpSync(path.join(built, 'bin/cmd'), plugin)
}

/** `podman` as it works also in a container and beside control groups of both versions, with a store of its own. */
export function podmanOf({ folder }: Place): readonly string[] {
  const run = path.join(folder, 'podman-run')
  const store = ['--root', path.join(folder, 'podman'), '--runroot', run, '--tmpdir', path.join(run, 'tmp')]
  return ['podman', ...store, '--runtime=runc', '--cgroup-manager=cgroupfs', '--events-backend=file']
}

/** Takes an image of Docker's store over into Podman's. */
export async function handOver(
  place: Place,
  env: Readonly<Record<string, string>>,
  image: string,
): Promise<void> {
  const archive = path.join(place.folder, 'image.tar')
  await place.must(['docker', 'save', '--output', archive, image], { env })
  await place.must([...podmanOf(place), 'load', '--quiet', '--input', archive])
  rmSync(archive)
}

/** The clone as the first stage of the image leaves it, installed and built: once is enough, as it takes minutes. */
export async function copyBuilt(
  place: Place,
  env: Readonly<Record<string, string>>,
  source: string,
): Promise<string> {
  const built = path.join(place.folder, 'built')
  rmSync(built, { recursive: true, force: true })
  const build = ['docker', 'build', '--file', 'deploy/docker/Dockerfile', '--target=build', '--quiet', '.']
  const image = (await place.must(build, { env, cwd: source })).trim().split('\n').at(-1) ?? ''
  const container = (await place.must(['docker', 'create', image], { env })).trim()
  await place.must(['docker', 'cp', '--archive', `${container}:/src`, built], { env })
  await place.must(['docker', 'rm', container], { env })
  await place.must(['cp', '--recursive', '--no-clobber', `${source}/.`, built])
  return built
}

/** A copy of what is in the repository or would be added to it: nothing is written into the clone. */
export async function copySource(place: Place): Promise<string> {
  const source = path.join(place.folder, 'source')
  rmSync(source, { recursive: true, force: true })
  mkdirSync(source, { recursive: true })
  const copy =
    'git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar --extract --directory "$0"'
  await place.must(['sh', '-c', copy, source], { cwd: root })
  return source
}
