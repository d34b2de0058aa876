import path from 'node:path'
import { defineConfig } from 'prisma/config'

const here = import.meta.dirname
// The CLI downloads a schema engine for every command, `generate` included, unless it is told where one is.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] = path.join(here, 'scripts/no-engine.js')
process.env['CHECKPOINT_DISABLE'] = '1'

export default defineConfig({
  schema: process.env['SKYKEEP_SCHEMA_FOLDER'] ?? path.join(here, '../../prisma/schema'),
})
