export type DatabaseKind = 'sqlite' | 'postgresql'

/** Which database a URL names: `file:PATH` (or a bare path) is SQLite, `postgres://` or `postgresql://` PostgreSQL. */
export function databaseKindOf(url: string): DatabaseKind {
  return /^postgres(ql)?:/.test(url) ? 'postgresql' : 'sqlite'
}

/** The file of a SQLite URL. */
export function sqliteFileOf(url: string): string {
  return url.replace(/^file:/, '')
}
