// `npm start [-- FILE]`: install, build what is stale, start. Plain JavaScript: it must run before anything is installed.
import path from 'node:path'
import { ensureInstalled } from './install.js'
import { requireUsableNode, root } from './pinned-node.js'
import { runPinned } from './run-pinned.js'

requireUsableNode()
await ensureInstalled()
runPinned(path.join(root, 'packages/tooling/src/build/start.ts'), process.argv.slice(2))
