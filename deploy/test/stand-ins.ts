import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../../packages/tooling/src/repository.ts'
import type { Place } from './place.ts'

const recipes = path.join(import.meta.dirname, 'stand-ins')
const authorities = '/etc/ssl/certs/ca-certificates.crt'
const debian = 'skykeep-test/debian:bookworm'

/** Each image that the deployments name and that is made here instead of pulled, with the target of stand-ins/Dockerfile. */
const standIns = {
  'node:24-bookworm-slim': 'node-24-bookworm-slim',
  'node:24-bookworm': 'node-24-bookworm',
  'postgres:17-bookworm': 'postgres-17-bookworm',
  'skykeep-test/systemd:bookworm': 'systemd-bookworm',
}

/** Makes the stand-ins in the engine's store, on a Debian laid by debootstrap; what was made before is made of the engine's cache. */
export async function makeStandIns(place: Place, env: Readonly<Record<string, string>>): Promise<void> {
  const context = await layContext(place)
  if ((await place.run(['docker', 'image', 'inspect', debian], { env })).code !== 0) {
    const archive = path.join(place.folder, 'debian.tar')
    await place.must(['docker', 'import', '--change', 'CMD ["/bin/bash"]', archive, debian], { env })
  }
  for (const [image, target] of Object.entries(standIns)) {
    await place.must(['docker', 'build', '--network=host', `--target=${target}`, `--tag=${image}`, context], {
      env,
    })
  }
}

/** A Debian, Node and npm as this project pins them, and the authorities of this machine. */
async function layContext(place: Place): Promise<string> {
  await layDebian(place)
  const context = path.join(place.folder, 'stand-ins')
  const node = path.join(context, 'node')
  rmSync(context, { recursive: true, force: true })
  mkdirSync(path.join(node, 'bin'), { recursive: true })
  cpSync(recipes, context, { recursive: true })
  cpSync(authorities, path.join(context, 'ca-certificates.crt'))
  const require = createRequire(path.join(root, 'package.json'))
  const pinned = require.resolve(`node-${process.platform}-${process.arch}/bin/node`)
  cpSync(pinned, path.join(node, 'bin/node'))
  const npm = /"packageManager": "(npm@[^"]+)"/.exec(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  )?.[1]
  await place.must(['npm', 'install', '--global', '--prefix', node, npm ?? 'npm'])
  await layHeaders(place, context)
  return context
}

/** What a native module is compiled with; npm fetches it from elsewhere where nobody named a folder. */
async function layHeaders(place: Place, context: string): Promise<void> {
  const headers = path.join((await place.must(['npm', 'config', 'get', 'nodedir'])).trim(), 'include/node')
  const isNamed = existsSync(headers)
  if (isNamed) cpSync(headers, path.join(context, 'node/include/node'), { recursive: true })
  writeFileSync(path.join(context, 'npmrc'), isNamed ? 'nodedir=/usr/local\n' : '')
}

async function layDebian(place: Place): Promise<void> {
  const archive = path.join(place.folder, 'debian.tar')
  if (existsSync(archive)) return
  const tree = path.join(place.folder, 'debian')
  rmSync(tree, { recursive: true, force: true })
  await place.must(['debootstrap', '--variant=minbase', '--include=ca-certificates', 'bookworm', tree])
  await place.must([
    'tar',
    '--create',
    '--one-file-system',
    '--directory',
    tree,
    '--file',
    `${archive}.part`,
    '.',
  ])
  renameSync(`${archive}.part`, archive)
  rmSync(tree, { recursive: true, force: true })
}
