import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { createActionWorld } from '@skykeep/testing/action-services'
import { systemClock } from '@skykeep/testing/system-clock'
import { ask } from './rest-world.ts'

/**
 * Answers one request with an `Idempotency-Key` and dies by SIGKILL at a place of its first transaction. Arguments: database URL, persistent
 * path, `before` (it begins), `within` (all of it is written, nothing committed) or `after` (it is committed), key, request line, JSON.
 */
const [url = '', root = '', place = '', key = '', line = '', json = '{}'] = process.argv.slice(2)
const database = await openDatabase({ url, clock: systemClock })
const world = await createActionWorld({ database, url }, { joins: root })

async function dieAt(here: string): Promise<void> {
  if (here !== place) return
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => undefined)
}

const transaction: Database['transaction'] = async (fn, options) => {
  await dieAt('before')
  const result = await database.transaction(async (tx) => {
    const value = await fn(tx)
    await dieAt('within')
    return value
  }, options)
  await dieAt('after')
  return result
}
const answer = await ask(world, line, {
  json: JSON.parse(json),
  headers: { 'idempotency-key': key },
  services: { ...world.services, db: Object.create(database, { transaction: { value: transaction } }) },
})
throw new Error(`it lives, and answered ${answer.status}`)
