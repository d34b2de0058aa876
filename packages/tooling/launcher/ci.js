// What CI runs on a clean clone: `npm start -- examples/hello/service.yaml` until the service answers, then `npm test`.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from './pinned-node.js'

const minutes = 10
const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-ci-'))
const env = { ...process.env, SKYPILOT_PERSISTENT_PATH: path.join(folder, 'state') }

/** @returns {Promise<string | undefined>} */
function firstReply() {
  return new Promise((resolve) => {
    const request = get('http://127.0.0.1:30001/', (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve(response.statusCode === 200 ? body : undefined))
    })
    request.on('error', () => resolve(undefined))
    request.setTimeout(5000, () => request.destroy())
  })
}

const startedAt = Date.now()
const start = spawn('npm', ['start', '--', 'examples/hello/service.yaml'], {
  cwd: root,
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
})
let output = ''
start.stdout.on('data', (chunk) => {
  output += chunk
  process.stdout.write(chunk)
})
let reply
while (
  (reply === undefined || !output.includes('ready  hello')) &&
  start.exitCode === null &&
  Date.now() - startedAt < minutes * 60_000
) {
  await new Promise((resolve) => setTimeout(resolve, 250))
  reply = await firstReply()
}
console.log(
  reply === undefined
    ? 'the first command did not bring up the service'
    : `first reply after ${Math.round((Date.now() - startedAt) / 1000)} s: ${reply.trim()}`,
)
const stop = spawnSync('npx', ['skykeep', 'stop', '--services'], {
  cwd: root,
  env,
  stdio: ['ignore', 'inherit', 'inherit'],
})
try {
  if (start.pid !== undefined) process.kill(-start.pid, 'SIGTERM')
} catch {
  // It has ended with the plane that it supervised.
}
rmSync(folder, { recursive: true, force: true })
if (reply === undefined || stop.status !== 0) process.exit(1)
const test = spawnSync('npm', ['test'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
process.exit(test.status ?? 1)
