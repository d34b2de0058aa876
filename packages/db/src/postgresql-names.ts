/** Advisory lock that every write transaction takes first. */
export const writerLock = 7_302_550_175
/** Advisory lock of migrations: the one that Prisma's own program takes. */
export const migrationLock = 72_707_369
/** NOTIFY channel that says "something was committed". */
export const changedChannel = 'skykeep_changed'
