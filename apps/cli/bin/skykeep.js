#!/usr/bin/env -S node --
// `npx skykeep VERB` from the clone: plain JavaScript on the user's Node, which hands over to the pinned one.
import path from 'node:path'
import { ensureInstalled } from '../../../packages/tooling/launcher/install.js'
import { requireUsableNode, root } from '../../../packages/tooling/launcher/pinned-node.js'
import { runPinned } from '../../../packages/tooling/launcher/run-pinned.js'

requireUsableNode()
await ensureInstalled()
runPinned(path.join(root, 'packages/tooling/src/build/skykeep.ts'), process.argv.slice(2))
