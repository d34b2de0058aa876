import { SkykeepError } from '@skykeep/core/errors'
import type { Client } from 'pg'
import { toDatabaseError } from './database-errors.ts'
import { databaseKindOf } from './database-url.ts'
import { isEmptyDatabase } from './is-empty.ts'
import { inPostgresqlTransaction } from './with-postgresql.ts'

/** Stands in a PostgreSQL database from before its first table until it is filled, and names who fills it. */
const claimTable = 'skykeep_filling'

/**
 * Claims an empty database before anything is written into it. One that the same `id` had claimed, and did not fill to the end, is emptied: all
 * that is in it came after the claim, so it is the claimant's own. SQLite needs no claim: its file goes with its folder.
 * @param id of what fills it; kept by the caller where a crash cannot take it.
 * @throws CONFLICT for a database that holds anything else, and then changes nothing; UNAVAILABLE, STORAGE_DEGRADED.
 */
export async function claimEmptyDatabase(url: string, id: string): Promise<void> {
  if (databaseKindOf(url) === 'sqlite') {
    if (!(await isEmptyDatabase(url))) throw notEmpty()
    return
  }
  await inTransaction(url, async (client) => {
    const tables = await namesOf(
      client,
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND ${here('relnamespace')}`,
    )
    if (tables.length > 0) {
      if (!tables.includes(claimTable) || !(await isClaimedBy(client, id))) throw notEmpty()
      const types = await namesOf(
        client,
        `SELECT typname AS name FROM pg_type WHERE typtype = 'e' AND ${here('typnamespace')}`,
      )
      for (const table of tables) await client.query(`DROP TABLE ${client.escapeIdentifier(table)} CASCADE`)
      for (const type of types) await client.query(`DROP TYPE ${client.escapeIdentifier(type)}`)
    }
    await client.query(`CREATE TABLE ${claimTable} (id text PRIMARY KEY)`)
    await client.query(`INSERT INTO ${claimTable} (id) VALUES ($1)`, [id])
  })
}

/** It is filled: nobody may empty it any more. May be repeated. @throws UNAVAILABLE, STORAGE_DEGRADED. */
export async function endClaim(url: string): Promise<void> {
  if (databaseKindOf(url) === 'sqlite') return
  await inTransaction(url, async (client) => {
    await client.query(`DROP TABLE IF EXISTS ${claimTable}`)
  })
}

async function isClaimedBy(client: Client, id: string): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM ${claimTable} WHERE id = $1`, [id])
  return rowCount === 1
}

async function namesOf(client: Client, query: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(query)
  return rows.map(({ name }) => name)
}

function here(column: string): string {
  return `${column} = current_schema()::regnamespace`
}

async function inTransaction(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  try {
    await inPostgresqlTransaction(url, work)
  } catch (error) {
    throw toDatabaseError(error)
  }
}

function notEmpty(): SkykeepError {
  return new SkykeepError('CONFLICT', 'the database to restore into is not empty', {
    hint: 'Name a new one: `createdb NAME`, then --database-url …/NAME. Nothing was written into this one.',
  })
}
