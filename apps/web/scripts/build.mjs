// Builds the dashboard. The tracer follows paths that are only known while running to the whole project, so what never runs is taken out.
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import config from '../next.config.ts'

const web = path.resolve(import.meta.dirname, '..')
const dist = config.distDir ?? '.next'

const { status } = spawnSync('next', ['build'], { cwd: web, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const standalone = path.join(web, dist, 'standalone')
const kept = new Set(['server.js', 'package.json', 'node_modules', dist])
const app = path.join(standalone, 'apps/web')
for (const name of readdirSync(app)) {
  if (!kept.has(name)) rmSync(path.join(app, name), { recursive: true })
}
for (const name of readdirSync(path.join(standalone, 'apps'))) {
  if (name !== 'web') rmSync(path.join(standalone, 'apps', name), { recursive: true })
}
// Pictures are served as they are.
for (const name of ['sharp', '@img'])
  rmSync(path.join(standalone, 'node_modules', name), { recursive: true, force: true })
