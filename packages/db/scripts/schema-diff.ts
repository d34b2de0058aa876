import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import type { DatabaseKind, SchemaFiles } from './schema-source.ts'

type WasmExports = Readonly<Record<string, unknown>>
/** The compiler's part of the global that every Node has; its types come with the DOM, which is not here. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    compile(bytes: Uint8Array): Promise<object>
    instantiate(module: object, imports: object): Promise<{ readonly exports: WasmExports }>
  }
}

interface SchemaEngine {
  diff(request: object): Promise<{ readonly exitCode: number; readonly stdout: string | null }>
}
/** The part of the wasm package that is used; it has no types of its own. */
interface EngineModule {
  __wbg_set_wasm(exports: WasmExports): void
  readonly SchemaEngine: { new: (input: object, log: () => void, adapter: object) => Promise<SchemaEngine> }
}

let lastPanic = ''

async function loadEngine(): Promise<EngineModule> {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  // The package's own entry point; its shape is what the pinned version exports.
  const engine = (await import(pathToFileURL(file).href)) as EngineModule
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => (lastPanic = text) },
  })
  const wasm = await WebAssembly.compile(readFileSync(file.replace(/\.js$/, '.wasm')))
  const { exports } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(exports)
  const start = exports['__wbindgen_start']
  if (typeof start === 'function') start()
  return engine
}

/** The engine connects even to compare two files; this answers its greeting and nothing else. */
function nowhere(kind: DatabaseKind): object {
  const provider = kind === 'sqlite' ? 'sqlite' : 'postgres'
  const refuse = (): Promise<never> => Promise.reject(new Error('there is no database here'))
  const connection = {
    provider,
    adapterName: 'nowhere',
    queryRaw: ({ sql }: { readonly sql: string }) =>
      sql.includes('numeric_version')
        ? Promise.resolve({
            columnNames: ['exists', 'version', 'numeric_version'],
            columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
            rows: [[true, 'PostgreSQL 15.0', 150_000]],
          })
        : refuse(),
    executeRaw: () => Promise.resolve(0),
    executeScript: () => Promise.resolve(),
    startTransaction: refuse,
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  } as const
  return bindMigrationAwareSqlAdapterFactory({
    provider,
    adapterName: 'nowhere',
    connect: () => Promise.resolve(connection),
    connectToShadowDb: () => Promise.resolve(connection),
  })
}

const engineModule = loadEngine()

/** The SQL that turns one schema into another; empty when they are the same. No database is touched. */
export async function diffSchemas(kind: DatabaseKind, from: SchemaFiles, to: SchemaFiles): Promise<string> {
  const target = (files: SchemaFiles): object =>
    files.length === 0
      ? { tag: 'empty' }
      : { tag: 'schemaDatamodel', files: files.map(([path, content]) => ({ path, content })) }
  const { SchemaEngine } = await engineModule
  const engine = await SchemaEngine.new({ datamodels: to }, () => undefined, nowhere(kind))
  try {
    const result = await engine.diff({
      from: target(from),
      to: target(to),
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    return result.exitCode === 2 ? (result.stdout ?? '') : ''
  } catch (error) {
    throw new Error(lastPanic || 'the schema engine failed', { cause: error })
  }
}
