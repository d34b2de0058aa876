import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  linkSync,
  copyFileSync,
  mkdirSync,
  readlinkSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { withClaim } from '../../launcher/claim.js'
import { buildsDir, root } from '../repository.ts'
import { bundlePrograms } from './bundle.ts'
import { sourceHash } from './source-hash.ts'

const current = path.join(buildsDir, 'current')
const turbo = path.join(root, 'node_modules/.bin/turbo')

/** Builds what is stale and returns the build's folder. A build is never changed once it has its name. */
export async function ensureBuilt(log: (line: string) => void): Promise<string> {
  const hash = sourceHash()
  const folder = path.join(buildsDir, hash)
  if (existsSync(folder)) {
    switchCurrent(hash)
    return folder
  }
  return await withClaim(path.join(buildsDir, 'build.claim'), async () => {
    if (!existsSync(folder)) await buildInto(folder, log)
    switchCurrent(hash)
    dropOldBuilds(hash)
    return folder
  })
}

async function buildInto(folder: string, log: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  log('build     database clients and dashboard (the longest step: half a minute)')
  await run(turbo, ['run', 'build', '--filter=@skykeep/web', '--no-daemon', '--output-logs=errors-only'])
  placeDashboard(unfinished)
  log('build     worker, gateway, command line')
  await bundlePrograms(unfinished)
  cpSync(path.join(root, 'prisma/migrations'), path.join(unfinished, 'migrations'), { recursive: true })
  cpSync(path.join(root, 'packages/node-runtime/sh'), path.join(unfinished, 'node-runtime'), {
    recursive: true,
  })
  placeNode(path.join(unfinished, 'node'))
  writeFileSync(path.join(unfinished, 'package.json'), '{ "type": "module" }\n')
  renameSync(unfinished, folder)
  log(`build     done in ${Math.round((performance.now() - startedAt) / 1000)} s`)
}

function placeDashboard(folder: string): void {
  const web = path.join(root, 'apps/web')
  const target = path.join(folder, 'web')
  // Turbopack's traced links are relative to the standalone folder: they stay links.
  cpSync(path.join(web, '.next/standalone'), target, { recursive: true, verbatimSymlinks: true })
  cpSync(path.join(web, '.next/static'), path.join(target, 'apps/web/.next/static'), { recursive: true })
  const publicDir = path.join(web, 'public')
  if (existsSync(publicDir)) cpSync(publicDir, path.join(target, 'apps/web/public'), { recursive: true })
}

function placeNode(target: string): void {
  try {
    linkSync(process.execPath, target)
  } catch {
    copyFileSync(process.execPath, target)
  }
}

function switchCurrent(hash: string): void {
  if (existsSync(current) && readlinkSync(current) === hash) return
  const next = `${current}.${process.pid}`
  symlinkSync(hash, next)
  renameSync(next, current)
}

/** Keeps the newest build and every one that a living process runs from. */
function dropOldBuilds(hash: string): void {
  const used = new Set([hash, ...buildsInUse()])
  for (const name of readdirSync(buildsDir)) {
    if (/^[0-9a-f]{16}(\.unfinished)?$/.test(name) && !used.has(name)) {
      rmSync(path.join(buildsDir, name), { recursive: true, force: true })
    }
  }
}

function buildsInUse(): string[] {
  if (!existsSync('/proc/self/exe')) return readdirSync(buildsDir)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [path.basename(path.dirname(readlinkSync(`/proc/${pid}/exe`)))]
      } catch {
        return []
      }
    })
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const env = {
    ...process.env,
    PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    DO_NOT_TRACK: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    TURBO_TELEMETRY_DISABLED: '1',
  }
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) {
    throw new Error(
      `\`${command} ${args.join(' ')}\` failed with ${code}:\n${Buffer.concat(output).toString()}`,
    )
  }
}
