// node scripts/reference.ts [--check]: what the procedures answer, and the reference page that follows from it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openApiDocument } from '../src/rest/openapi-document.ts'
import { restRoutes } from '../src/rest/routes.ts'
import { referencePage } from './reference-page.ts'
import { responseSchemas } from './response-schemas.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const responses = responseSchemas(restRoutes.map(({ name }) => name))
const files = {
  'packages/api/src/rest/responses.json': `${JSON.stringify(responses, null, 1)}\n`,
  'docs/reference/api.md': referencePage(openApiDocument(restRoutes, responses)),
}
const isCheck = process.argv.includes('--check')
for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, name)
  if (!isCheck) {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  } else if (readOrEmpty(file) !== text) {
    process.stderr.write(`${name} does not equal the code: run npm run reference -w @skykeep/api\n`)
    process.exitCode = 1
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
