// node bench/rest-fuzz/run.ts [--cases N] [--seed N]: Schemathesis against the REST API of a real plane, by its own OpenAPI document.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { layoutOf } from '../../packages/persistent-path/src/layout.ts'
import { TestPlane } from '../../packages/testing/src/plane.ts'
import { until } from '../../packages/testing/src/until.ts'
import { ensureBuilt } from '../../packages/tooling/src/build/assemble.ts'
import { installSchemathesis, runSchemathesis, schemathesisVersion } from './schemathesis.ts'
import { leftOut, settingsText, type Known } from './settings.ts'

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
})

const yamlOf = (name: string, rest = ''): string =>
  `name: ${name}\nservice:\n  readiness_probe: /\n  replicas: 1\nrun: python3 -m http.server $PORT${rest}\n`

/** Services that most requests find, with versions and operations. */
async function populate(origin: string, token: string): Promise<Known> {
  const services = ['hello', 'spare', 'other']
  const post = async (line: string, body: object): Promise<void> => {
    const response = await fetch(`${origin}/api/v1${line}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`POST ${line}: ${response.status} ${await response.text()}`)
  }
  for (const name of services) await post('/services', { yaml: yamlOf(name) })
  await post('/services/hello/versions', { yaml: yamlOf('hello', ' -d .') })
  await post('/services/hello/keys', { name: 'mobile-app' })
  const listed = await fetch(`${origin}/api/v1/operations`, { headers: { authorization: `Bearer ${token}` } })
  // As the document says.
  const { items } = (await listed.json()) as { readonly items: readonly { readonly uid: string }[] }
  return {
    services,
    yamls: [...services.map((name) => yamlOf(name)), yamlOf('new'), yamlOf('hello', ' -b 127.0.0.1')],
    operationUids: items.map(({ uid }) => uid),
  }
}

async function ask(program: string, folder: string): Promise<number> {
  const plane = await TestPlane.create({ build: await ensureBuilt((line) => console.log(line)) })
  try {
    plane.up()
    await plane.untilActive()
    const token = readFileSync(path.join(plane.root, 'keys/local-token'), 'utf8').trim()
    const origin = `http://127.0.0.1:${plane.webPort}`
    const settings = path.join(folder, 'schemathesis.toml')
    writeFileSync(settings, settingsText(await populate(origin, token)))
    await until('hello serves', async () => (await plane.status('hello'))?.status === 'READY')
    console.log(
      `schemathesis ${schemathesisVersion}, seed ${values.seed}, at most ${values.cases} cases an operation and phase`,
    )
    for (const { operation, because } of leftOut) console.log(`left out  ${operation}: ${because}`)
    const options = {
      header: `Authorization: Bearer ${token}`,
      checks: 'all',
      mode: 'all',
      'request-timeout': '30',
      'max-examples': values.cases,
      seed: values.seed,
      'generation-database': 'none',
    }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
    const document = `${origin}/api/v1/openapi.json`
    const run = ['--config-file', settings, 'run', document, '--continue-on-failure']
    const code = await runSchemathesis(program, [...run, ...args], folder)
    const log = readFileSync(layoutOf(plane.root).processLog('web'), 'utf8')
    const errors = log.split('\n').filter((line) => /"level":(?:50|"error")/.test(line))
    for (const line of errors.slice(0, 20)) console.log(`web log   ${line.slice(0, 400)}`)
    console.log(`errors in the log of the web process: ${errors.length}`)
    return code === 0 && errors.length === 0 ? 0 : 1
  } finally {
    await plane.destroy()
  }
}

const installed = await installSchemathesis()
if ('reason' in installed) {
  console.log(`skipped: ${installed.reason}`)
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-rest-fuzz-'))
  try {
    process.exitCode = await ask(installed.program, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
