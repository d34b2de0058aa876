import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Checks, say } from './checks.ts'
import { composeUp } from './compose.ts'
import { copyBuilt, copySource, handOver, startDocker } from './engine.ts'
import { playPod } from './kubernetes.ts'
import { missing, Place } from './place.ts'
import { makeStandIns } from './stand-ins.ts'
import { bootSystemd } from './systemd.ts'

const usage = `npm run test:deploy                            Docker Compose, the pod of Kubernetes and systemd, each by a real engine
npm run test:deploy -- --only compose          one of them: compose, kubernetes, systemd
npm run test:deploy -- --folder /var/tmp/keep  where images are kept for the next time`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    folder: { type: 'string', default: path.join(tmpdir(), 'skykeep-test-deploy') },
    help: { type: 'boolean', default: false },
  },
})

const engine = [
  'dockerd',
  'docker',
  'runc',
  'debootstrap',
  'slirp4netns',
  'catatonit',
  'unshare',
  'nsenter',
  'ip',
  'npm',
]
const parts = {
  compose: [...engine, 'go', 'openssl', 'curl'],
  kubernetes: [...engine, 'podman', 'kubectl'],
  systemd: [...engine, 'podman'],
}
type Part = keyof typeof parts

/** Why a part cannot be run on this machine; undefined: it can. */
function reasonAgainst(part: Part): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  const absent = missing(...parts[part])
  return absent.length === 0 ? undefined : `needs ${absent.join(', ')}`
}

async function runParts(checks: Checks, chosen: readonly Part[]): Promise<void> {
  const place = await Place.create(values.folder)
  try {
    const env = await startDocker(place)
    await checks.check('stand-ins for the base images are made', () => makeStandIns(place, env))
    const source = await copySource(place)
    for (const part of chosen) {
      try {
        if (part === 'compose') await composeUp(checks, place, { source, env })
        if (part === 'kubernetes') {
          await checks.check('kubernetes: the image is built', async () => {
            const build = [
              'docker',
              'build',
              '--file',
              'deploy/docker/Dockerfile',
              '--tag',
              'skykeep:local',
              '.',
            ]
            await place.must(build, { env, cwd: source })
            await handOver(place, env, 'skykeep:local')
          })
          await playPod(checks, place, source)
        }
        if (part === 'systemd') {
          await handOver(place, env, 'skykeep-test/systemd:bookworm')
          await bootSystemd(checks, place, await copyBuilt(place, env, source))
        }
      } catch (error) {
        say(
          `      the rest of ${part} was not tried: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
        )
      }
    }
  } finally {
    place.end()
  }
}

async function main(): Promise<number> {
  const checks = new Checks()
  // Of the parts named above.
  const wanted = (Object.keys(parts) as Part[]).filter(
    (part) => values.only === undefined || values.only === part,
  )
  if (wanted.length === 0)
    throw new Error(`there is no part ${values.only ?? ''}:
${usage}`)
  const possible = wanted.filter((part) => {
    const why = reasonAgainst(part)
    if (why !== undefined) checks.skip(part, why)
    return why === undefined
  })
  if (possible.length > 0) await runParts(checks, possible)
  return checks.sum()
}

if (values.help) say(usage)
else process.exitCode = (await main()) === 0 ? 0 : 1
