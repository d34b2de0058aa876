import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listOperations } from '@skykeep/db/operations'
import { restRoutes } from '@skykeep/api/rest/routes'
import { lookAtServices } from '../e2e/plane/look.ts'
import { secretValue, serve, up } from '../e2e/plane/seed.ts'
import { seedLife } from '../e2e/plane/seed-life.ts'
import { startWebProcess, type WebProcess } from '../e2e/plane/web-process.ts'
import { askOperation, type Answered } from './ask-operation.ts'
import { DocumentTruth } from './document-truth.ts'

/** What must be answered well here, with what; `model` is the service with a history, `hello` the one that is changed. */
const good: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'auth.me': {},
  'services.list': { limit: 20 },
  'services.get': { name: 'model' },
  'services.history': { name: 'model' },
  'services.compareVersions': { name: 'model', from: 1, to: 3 },
  'operations.list': {},
  'operations.get': {},
  'events.list': { limit: 200 },
  'watch.events': {},
  'system.status': {},
  'system.overview': {},
  'drills.list': { name: 'model' },
  'drills.latest': {},
  'state.sizes': {},
  'state.limits': {},
  'state.masterKey': {},
  'state.backups': {},
  'logs.lines': { service: 'hello' },
  'logs.read': { service: 'hello', replicaId: 1 },
  'logs.process': { service: 'hello', part: 'controller' },
  'services.check': { yaml: 'name: x\nrunn: y\n' },
  'services.up': { yaml: 'name: third\nservice:\n  readiness_probe: /\nrun: serve\n' },
  'services.diff': { name: 'hello', yaml: 'name: hello\nservice:\n  readiness_probe: /\nrun: other\n' },
  'services.update': { name: 'hello', yaml: 'name: hello\nservice:\n  readiness_probe: /\nrun: other\n' },
  'services.holdRollout': { name: 'model', isHeld: true },
  'services.rollback': { name: 'model', to: 2 },
  'services.setSchedule': { name: 'hello' },
  'services.terminateReplica': { name: 'hello', replicaId: 1 },
  'services.pause': { name: 'hello' },
  'services.resume': { name: 'hello' },
  'services.revive': { name: 'hello' },
  'tokens.create': { name: 'ci-deploy' },
  'tokens.list': {},
  'tokens.revoke': { name: 'ci-deploy' },
  'auth.createSignInCode': {},
  'auth.signOut': {},
  'services.down': { name: 'third' },
}
/** Those that are not named come first: a procedure that is new is judged with its example, whatever it answers. */
const order = Object.keys(good)
const names = restRoutes
  .map(({ name }) => name)
  .toSorted((one, other) => order.indexOf(one) - order.indexOf(other))
const exampleOf = (name: string): object => restRoutes.find((route) => route.name === name)?.example ?? {}

let web: WebProcess
let token: string
let operationUid: string
let truth: DocumentTruth
const answers = new Map<string, Answered>()

beforeAll(async () => {
  web = await startWebProcess()
  token = readFileSync(web.layout.localToken, 'utf8').trim()
  await serve(web.db, 'hello', await up(web.origin, token, 'hello'))
  await seedLife(web.db, web.origin, token)
  await lookAtServices(web.db)
  operationUid = (await listOperations(web.db, { limit: 1 })).items[0]?.uid ?? ''
  truth = await DocumentTruth.of(web.origin)
})
afterAll(() => web.destroy())

it.each(names)('%s answers what the document says', async (name) => {
  const usual = { name: 'hello', service: 'hello', uid: operationUid, replicaId: 1 }
  const fields = { ...exampleOf(name), ...(name === 'services.up' ? {} : usual), ...good[name] }
  const answer = await askOperation({ origin: web.origin, token, truth, name, fields })
  answers.set(name, answer)
  expect(truth.findings(name, answer)).toEqual([])
  const refused = name in good && answer.status >= 300 ? answer.text : null
  expect(refused).toBe(null)
})

it('gives no secret away, whatever is read', () => {
  expect(answers.size).toBe(names.length)
  for (const [name, { text }] of answers) expect(text, name).not.toContain(secretValue)
})
