// Writes the pages of docs/reference/ from the code, or with --check ends with 1 where they differ from it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { format, resolveConfig } from 'prettier'
import { cliPage } from './pages/cli-page.ts'
import { configurationPage } from './pages/configuration-page.ts'
import { environmentPage } from './pages/environment-page.ts'
import { exitCodesPage } from './pages/exit-codes-page.ts'
import { metricsPage } from './pages/metrics-page.ts'
import { yamlPage } from './pages/yaml-page.ts'

const folder = path.join(import.meta.dirname, 'reference')
const pages: Readonly<Record<string, () => string>> = {
  'cli.md': cliPage,
  'configuration.md': configurationPage,
  'environment.md': environmentPage,
  'exit-codes.md': exitCodesPage,
  'metrics.md': metricsPage,
  'yaml.md': yamlPage,
}

const isCheck = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
for (const [name, make] of Object.entries(pages)) {
  const file = path.join(folder, name)
  const style = await resolveConfig(file)
  const text = await format(make(), { ...style, parser: 'markdown' })
  if (!isCheck) writeFileSync(file, text)
  else if (read(file) !== text) {
    console.error(`docs/reference/${name} is not what the code says: run \`node docs/reference.ts\``)
    process.exitCode = 1
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
