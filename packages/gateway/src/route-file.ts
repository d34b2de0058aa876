import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import type { RouteTable } from '@skykeep/core/routes'

/** Where the snapshot and its key are. */
export interface RouteFilePaths {
  readonly table: string
  /** 32 bytes as hex. */
  readonly key: string
}

/**
 * Reads the route snapshot and proves its HMAC-SHA256.
 * @throws SkykeepError NOT_FOUND when there is none yet, INVALID_INPUT when it is torn, forged or of another format,
 * UNAVAILABLE when it cannot be read.
 */
export function readRouteFile(paths: RouteFilePaths): RouteTable {
  const key = Buffer.from(read(paths.key).trim(), 'hex')
  const file = parse(read(paths.table))
  const mac: unknown = Reflect.get(file, 'mac')
  const text: unknown = Reflect.get(file, 'table')
  if (typeof mac !== 'string' || typeof text !== 'string') throw bad('it has no mac or no table')
  const expected = createHmac('sha256', key).update(text).digest()
  const given = Buffer.from(mac, 'hex')
  if (key.length < 32 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw bad('its mac does not fit')
  }
  const table = parse(text)
  if (Reflect.get(table, 'format') !== 1) throw bad('its format is not 1')
  return table as RouteTable // written by our worker: the mac has just proven it
}

/** The text of a snapshot file for `table`, authenticated with `key` (32 bytes). */
export function routeFileText(table: RouteTable, key: Buffer): string {
  const text = JSON.stringify(table)
  return JSON.stringify({ mac: createHmac('sha256', key).update(text).digest('hex'), table: text })
}

/** Changes whenever the snapshot's file is replaced; '' when there is none. Cheap enough for every second. */
export function routeFileStamp(paths: RouteFilePaths): string {
  try {
    const { ino, mtimeNs, size } = statSync(paths.table, { bigint: true })
    return `${ino}.${mtimeNs}.${size}`
  } catch {
    return ''
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && Reflect.get(cause, 'code') === 'ENOENT'
    throw new SkykeepError(isMissing ? 'NOT_FOUND' : 'UNAVAILABLE', `cannot read ${path}`, { cause })
  }
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    throw bad('it is not whole JSON')
  }
  throw bad('it is not an object')
}

function bad(why: string): SkykeepError {
  return new SkykeepError('INVALID_INPUT', `the route snapshot is refused: ${why}`)
}
