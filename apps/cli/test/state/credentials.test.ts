import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenApiDocument } from '@skykeep/api/rest/openapi-document'
import { openDump } from '@skykeep/db/dump'
import { TestPlane } from '@skykeep/testing/plane'
import { planeDatabases } from '@skykeep/testing/plane-databases'
import { until } from '@skykeep/testing/until'
import { build } from '../verbs/command-line.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')

/** Answers with the headers that it got; `/slow` only after a second and a half, so that the request stands in the journal. */
const echo = `const { createServer } = require("node:http"); createServer((request, response) => setTimeout(() => response.end(JSON.stringify(request.headers)), request.url === "/slow" ? 1500 : 0)).listen(process.env.PORT, "127.0.0.1")`

const access = {
  require_key: true,
  tokens: {
    public_keys: [{ kid: 'main', jwk: publicKey.export({ format: 'jwk' }) }],
    audience: 'guarded',
    max_lifetime_seconds: 3600,
    subject_header: 'X-Subject',
    requests_per_second: 100,
  },
}

function tokenOf(claims: object): string {
  const iat = Math.floor(Date.now() / 1000)
  const text = [
    { alg: 'EdDSA', kid: 'main' },
    { aud: 'guarded', iat, exp: iat + 600, ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
}

for (const database of planeDatabases) {
  describe.skipIf(!database.isThere)(`keys and signed tokens of a whole plane ${database.title}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'skc-'))
    let databaseUrl: string | undefined
    let plane: TestPlane
    let endpoint = ''
    let key = ''
    const token = tokenOf({ sub: 'ann', jti: 'first' })
    const other = tokenOf({ sub: 'bob', jti: 'second' })

    beforeAll(async () => {
      const given = database.create()
      databaseUrl = given.databaseUrl
      plane = await TestPlane.create({ build, ...given })
      plane.up()
      await plane.untilActive()
      const file = path.join(folder, 'guarded.yaml')
      const balancer = `  load_balancer:\n    access: ${JSON.stringify(access)}\n`
      const run = `exec "${build}/node" -e '${echo}'`
      writeFileSync(
        file,
        `name: guarded\nrun: ${JSON.stringify(run)}\nservice:\n  readiness_probe: /\n  replicas: 1\n${balancer}`,
      )
      const up = await plane.cli('serve', 'up', file)
      if (up.code !== 0) throw new Error(up.stderr)
      endpoint = (await plane.status('guarded'))?.endpoint ?? ''
      key = (await plane.cli('key', 'create', 'guarded', 'app')).stdout.trim()
    })
    afterAll(async () => {
      await plane.destroy()
      rmSync(folder, { recursive: true, force: true })
    })

    const ask = async (credential: string | null, where = '/'): Promise<Response> =>
      await fetch(`${endpoint}${where}`, {
        headers: {
          'x-subject': 'root',
          ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
        },
      })
    const statusOf = async (credential: string | null): Promise<number> => (await ask(credential)).status

    it('let a request in, and the replica sees who asked, not what was shown', async () => {
      expect(await statusOf(null)).toBe(401)
      const byKey: unknown = await (await ask(key)).json()
      expect(byKey).not.toHaveProperty('authorization')
      expect(byKey).not.toHaveProperty('x-subject')
      const byToken: unknown = await (await ask(token)).json()
      expect(byToken).toMatchObject({ 'x-subject': 'ann' })
      expect(byToken).not.toHaveProperty('authorization')
      expect(await statusOf(other)).toBe(200)
    })

    it('stand nowhere: no file, no row, no answer, no output of a command', async () => {
      const slow = [ask(key, '/slow'), ask(token, '/slow')]
      const journaled = await until('both slow requests stand in the journal', () => {
        const found = filesOf(path.join(plane.root, 'gateway')).filter(({ content }) =>
          content.includes('/slow'),
        )
        return found.length > 0 && found
      })
      expect(holders(journaled)).toEqual([])
      expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200])
      // What is refused must be kept as little as what is let in.
      for (const [wrong, status] of [
        [`${key}x`, 401],
        [`${token}x`, 401],
        [tokenOf({ sub: 'ann', aud: 'other' }), 401],
      ] as const)
        expect(await statusOf(wrong)).toBe(status)
      const backup = await plane.cli('state', 'backup')
      expect(backup.code, backup.stderr).toBe(0)

      const said: Place[] = []
      for (const args of [
        ['key', 'list', 'guarded'],
        ['serve', 'status', 'guarded'],
        ['serve', 'logs', 'guarded', '--load-balancer'],
        ['events', '--limit', '200'],
        ['state', 'doctor'],
      ])
        for (const more of [[], ['--json']]) {
          const { stdout, stderr } = await plane.cli(...args, ...more)
          said.push({ name: args.join(' '), content: Buffer.from(stdout + stderr) })
        }
      const answers = await everyAnswer()
      expect(answers.filter(({ content }) => content.length > 0).length).toBeGreaterThan(25)
      // It looks where there is something to find, and finds what is there.
      const stored = await rows()
      const hash = createHash('sha256').update(key).digest('hex')
      expect(stored.filter(({ content }) => content.includes(hash)).map(({ name }) => name)).toContain(
        'service_keys',
      )
      expect(holders([{ name: 'control', content: Buffer.from(`a ${token} b`) }])).toEqual(['control'])
      expect(holders([...said, ...answers, ...stored, ...filesOf(plane.root)])).toEqual([])
      expect(holders([{ name: 'up', content: Buffer.from(plane.upOutput()) }])).toEqual([])
    })

    it('end when that is asked for, also on connections that are open', async () => {
      const revoked = await plane.cli('key', 'revoke-tokens', 'guarded', '--id', 'first')
      expect(revoked.code, revoked.stderr).toBe(0)
      expect([await statusOf(token), await statusOf(other), await statusOf(key)]).toEqual([401, 200, 200])
      const bob = await plane.cli('key', 'revoke-tokens', 'guarded', '--subject', 'bob')
      expect(bob.code, bob.stderr).toBe(0)
      const app = await plane.cli('key', 'revoke', 'guarded', 'app')
      expect(app.code, app.stderr).toBe(0)
      expect([await statusOf(other), await statusOf(key)]).toEqual([401, 401])
      const listed = await plane.cli('key', 'revoked-tokens', 'guarded')
      expect(listed.stdout).toMatch(/subject +bob[\s\S]*token +first/)
    })

    /** The places that hold the key or a token, or a part of one that nobody but its holder knows, in any form. */
    function holders(places: readonly Place[]): readonly string[] {
      const texts = [key.slice(-43), ...[token, other].flatMap((each) => [each, each.split('.')[2] ?? ''])]
      const forms = texts.flatMap((text) => {
        const bytes = Buffer.from(text)
        return [bytes, Buffer.from(bytes.toString('base64').slice(0, -4)), Buffer.from(bytes.toString('hex'))]
      })
      return places
        .filter(({ content }) => forms.some((form) => content.includes(form)))
        .map(({ name }) => name)
    }

    /** Each row of the database, as a backup reads it. */
    async function rows(): Promise<readonly Place[]> {
      const url = databaseUrl ?? `file:${path.join(plane.root, 'state.db')}`
      const dump = await openDump({ url, copyTo: path.join(folder, 'copy.db') })
      const places: Place[] = []
      for (const table of dump.tables)
        for await (const line of dump.rows(table))
          places.push({ name: table.name, content: Buffer.from(line) })
      await dump.close()
      return places
    }

    /** What each GET of the API answers about this service. */
    async function everyAnswer(): Promise<readonly Place[]> {
      const origin = `http://127.0.0.1:${plane.webPort}`
      const local = readFileSync(path.join(plane.root, 'keys/local-token'), 'utf8').trim()
      const headers = { authorization: `Bearer ${local}` }
      const document = await (await fetch(`${origin}/api/v1/openapi.json`, { headers })).json()
      const values = { name: 'guarded', service: 'guarded', replicaId: '1', version: '1', from: '1', to: '1' }
      const places: Place[] = []
      // Checked by a validator of OpenAPI in a test of its own.
      for (const [route, methods] of Object.entries((document as OpenApiDocument).paths)) {
        if (!('get' in methods)) continue
        const target = route.replaceAll(
          /\{(\w+)\}/g,
          (_, field: string) => Reflect.get(values, field) ?? 'none',
        )
        const content = await textOf(`${origin}/api/v1${target}`, headers)
        places.push({ name: `GET ${target}`, content })
      }
      places.push({ name: 'GET /metrics', content: await textOf(`${origin}/metrics`, headers) })
      return places
    }
  })
}

interface Place {
  readonly name: string
  readonly content: Buffer
}

/** Every file below a folder that can be read. The disk reserve holds nothing. */
function filesOf(folder: string): readonly Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'reserve')
    .flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name)
      try {
        return [{ name: path.relative(folder, file), content: readFileSync(file) }]
      } catch {
        // Gone meanwhile.
        return []
      }
    })
}

/** What is answered; of a stream what it says within two seconds. */
async function textOf(url: string, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) })
    for await (const chunk of response.body ?? []) chunks.push(chunk)
  } catch {
    // A stream has no end.
  }
  return Buffer.concat(chunks)
}
