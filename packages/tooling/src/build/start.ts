import { handOverToFreshBuild } from './hand-over.ts'

await handOverToFreshBuild(['up', ...process.argv.slice(2)])
