import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'esbuild'

const assetUrl = /new URL\(\s*'(\.[^']+)',\s*import\.meta\.url,?\s*\)/g

/**
 * A file that our code names as `new URL('./x', import.meta.url)` is copied beside the bundle, and a TypeScript one
 * (a worker thread) becomes a bundle of its own; the name in the code follows.
 */
export function assetsPlugin(outDir: string, addEntry: (source: string, outName: string) => void): Plugin {
  return {
    name: 'assets',
    setup(build) {
      build.onLoad({ filter: /\/(packages|apps)\/.*\.ts$/ }, ({ path: file }) => {
        if (file.includes('/node_modules/')) return undefined
        const text = readFileSync(file, 'utf8')
        if (!text.includes('import.meta.url')) return undefined
        const contents = text.replaceAll(assetUrl, (_whole, relative: string) => {
          const source = path.resolve(path.dirname(file), relative)
          const name = placeAsset(source, outDir, addEntry)
          return `new URL('./${name}', import.meta.url)`
        })
        return { contents, loader: 'ts' }
      })
    },
  }
}

function placeAsset(
  source: string,
  outDir: string,
  addEntry: (source: string, outName: string) => void,
): string {
  const base = path.basename(source)
  if (base.endsWith('.ts')) {
    const outName = base.replace(/\.ts$/, '')
    addEntry(source, outName)
    return `${outName}.mjs`
  }
  mkdirSync(path.join(outDir, 'assets'), { recursive: true })
  copyFileSync(source, path.join(outDir, 'assets', base))
  return `assets/${base}`
}
