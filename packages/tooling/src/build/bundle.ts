import { cpSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { root } from '../repository.ts'
import { assetsPlugin } from './assets.ts'

const entries = {
  worker: 'apps/worker/src/main.ts',
  gateway: 'apps/gateway/src/main.ts',
  cli: 'apps/cli/src/main.ts',
}

/** Packages that carry a native part and so stay files beside the bundles. */
const native = ['better-sqlite3']

// Bundled CommonJS packages still call `require`, `__filename` and `__dirname`.
const banner = `import { createRequire as skykeepCreateRequire } from 'node:module'
import { fileURLToPath as skykeepFileUrl } from 'node:url'
const require = skykeepCreateRequire(import.meta.url)
const __filename = skykeepFileUrl(import.meta.url)
const __dirname = import.meta.dirname`

/** Bundles worker, gateway and command line into `outDir`, whole but for native packages, which are copied there. */
export async function bundlePrograms(outDir: string): Promise<void> {
  const pending = new Map<string, string>(
    Object.entries(entries).map(([name, source]) => [path.join(root, source), name]),
  )
  const done = new Set<string>()
  while (pending.size > 0) {
    const round = [...pending].filter(([source]) => existsSync(source))
    pending.clear()
    for (const [source] of round) done.add(source)
    await build({
      entryPoints: round.map(([source, name]) => ({ in: source, out: name })),
      outdir: outDir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      // What is imported when it is needed is a file of its own: a program reads 4 MB less for each database that it does not use.
      splitting: true,
      chunkNames: 'chunk-[hash]',
      sourcemap: 'linked',
      external: [...native, 'pg-native'],
      banner: { js: banner },
      logLevel: 'warning',
      absWorkingDir: root,
      plugins: [
        assetsPlugin(outDir, (source, name) => {
          if (!done.has(source)) pending.set(source, name)
        }),
      ],
    })
  }
  copyNative(outDir)
}

function copyNative(outDir: string): void {
  const modules = path.join(outDir, 'node_modules')
  mkdirSync(modules, { recursive: true })
  for (const name of native) {
    const source = path.join(root, 'node_modules', name)
    cpSync(source, path.join(modules, name), {
      recursive: true,
      dereference: true,
      filter: (file) => isNeeded(file.slice(source.length)),
    })
  }
}

/** Sources and other systems' binaries stay behind. */
function isNeeded(relative: string): boolean {
  if (/^\/(deps|src)(\/|$)/.test(relative)) return false
  return !relative.startsWith('/prebuilds/') || relative.includes(process.platform)
}
