import { migrate } from '@skykeep/db/migrate'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { systemClock } from '@skykeep/testing/system-clock'

const [url = ''] = process.argv.slice(2)
const applied = await migrate({ url, migrationsDir, clock: systemClock, programVersion })
process.stdout.write(applied.length > 0 ? 'migrated\n' : 'nothing to do\n')
