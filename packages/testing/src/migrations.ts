import path from 'node:path'

/** Where the repository keeps its migrations. */
export const migrationsDir = path.resolve(import.meta.dirname, '../../../prisma/migrations')
/** The program version that tests migrate with. */
export const programVersion = '0.1.0'
