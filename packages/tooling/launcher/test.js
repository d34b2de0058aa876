// `npm test`: install, then every tier, fast ones first. Plain JavaScript: it must run before anything is installed.
import path from 'node:path'
import { ensureInstalled } from './install.js'
import { requireUsableNode, root } from './pinned-node.js'
import { runPinned } from './run-pinned.js'

requireUsableNode()
await ensureInstalled()
runPinned(path.join(root, 'packages/tooling/src/test/run.ts'), process.argv.slice(2))
