import { handOverToFreshBuild, handOverToNewestBuild } from './hand-over.ts'

const args = process.argv.slice(2)
await (args[0] === 'up' ? handOverToFreshBuild(args) : handOverToNewestBuild(args))
