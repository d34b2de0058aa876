import fs from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { Killed, pass, passBy } from './task.ts'

type Method = (this: unknown, ...args: readonly unknown[]) => unknown

let isDone = false

/**
 * Puts a point before and after each statement that writes, each begin and each commit of better-sqlite3, and around and within its copy of a
 * file, for the whole process. What a death rolls back has none. Once is enough.
 */
export function pointsAtSqlite(): void {
  if (isDone) return
  isDone = true
  const prototype: object = BetterSqlite3.prototype
  const exec = methodOf(prototype, 'exec')
  Reflect.set(prototype, 'exec', function (this: unknown, sql: string) {
    for (const statement of statementsOf(sql)) around(statement, () => exec.call(this, statement))
    return this
  })
  const prepare = methodOf(prototype, 'prepare')
  let areStatementsDone = false
  Reflect.set(prototype, 'prepare', function (this: unknown, ...args: readonly unknown[]) {
    const statement = prepare.apply(this, [...args])
    if (!areStatementsDone) {
      areStatementsDone = true
      pointsAtStatements(Object.getPrototypeOf(statement) as object)
    }
    return statement
  })
  const backup = methodOf(prototype, 'backup')
  Reflect.set(prototype, 'backup', async function (this: unknown, file: string, ...rest: readonly unknown[]) {
    await pass({ when: 'before', what: 'copy of the database' })
    const result = await backup.call(this, file, ...rest)
    try {
      passBy({ when: 'after', what: 'half the copy of the database' })
    } catch (error) {
      if (error instanceof Killed) halve(file)
      throw error
    }
    await pass({ when: 'after', what: 'copy of the database' })
    return result
  })
}

function pointsAtStatements(prototype: object): void {
  for (const name of ['run', 'get', 'all']) {
    const method = methodOf(prototype, name)
    Reflect.set(
      prototype,
      name,
      function (this: { readonly source: string; readonly readonly: boolean }, ...args: readonly unknown[]) {
        if (this.readonly && !/^\s*(?:begin|commit)/i.test(this.source)) return method.apply(this, [...args])
        return around(this.source, () => method.apply(this, [...args]))
      },
    )
  }
}

function around(sql: string, run: () => unknown): unknown {
  const isSilent = /^\s*(?:rollback|select|pragma)/i.test(sql)
  if (isSilent) return run()
  const what = sql.replaceAll(/\s+/g, ' ').trim().slice(0, 60)
  passBy({ when: 'before', what })
  const result = run()
  passBy({ when: 'after', what })
  return result
}

/** A trigger holds statements of its own and ends with END. */
function statementsOf(sql: string): readonly string[] {
  const statements: string[] = []
  let open = ''
  for (const part of sql.split(/(?<=;)\s*\n/)) {
    open += `${part}\n`
    if (/create\s+trigger/i.test(open) && !/\bend\s*;\s*$/i.test(open)) continue
    if (open.replaceAll(/--.*$/gm, '').trim() !== '') statements.push(open)
    open = ''
  }
  return open.trim() === '' ? statements : [...statements, open]
}

function halve(file: string): void {
  const handle = fs.statSync(file)
  const bytes = fs.readFileSync(file).subarray(0, Math.floor(handle.size / 2))
  rawWrite(file, bytes)
}

const rawWrite = fs.writeFileSync

function methodOf(holder: object, name: string): Method {
  const method: unknown = Reflect.get(holder, name)
  if (typeof method !== 'function') throw new Error(`better-sqlite3 has no ${name}`)
  // Called on what it was taken from.
  return method as Method
}
