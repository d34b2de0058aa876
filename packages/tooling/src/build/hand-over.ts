import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildsDir } from '../repository.ts'
import { ensureBuilt } from './assemble.ts'

/** Builds what is stale, then becomes the built command line with `args`, in this process. */
export async function handOverToFreshBuild(args: readonly string[]): Promise<void> {
  await become(await ensureBuilt((line) => process.stderr.write(`${line}\n`)), args)
}

/** Becomes the command line of the newest build: a client's verb never waits for a build where there is one. */
export async function handOverToNewestBuild(args: readonly string[]): Promise<void> {
  const current = path.join(buildsDir, 'current')
  if (existsSync(current)) await become(realpathSync(current), args)
  else await handOverToFreshBuild(args)
}

async function become(build: string, args: readonly string[]): Promise<void> {
  const entry = path.join(build, 'cli.mjs')
  process.env['SKYKEEP_BUILD'] = build
  process.argv.splice(1, process.argv.length - 1, entry, ...args)
  await import(pathToFileURL(entry).href)
}
