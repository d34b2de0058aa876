import path from 'node:path'
import { API, type Checker, type Type } from 'typescript/unstable/sync'
import type { JsonSchema, ResponseSchemas } from '../src/rest/json-schema.ts'
import { TypeSchemas } from './type-schemas.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const routerFile = path.join(root, 'packages/api/src/router.ts')

/** What each of these procedures answers, as the compiler works it out: no answer is described a second time. */
export function responseSchemas(names: readonly string[]): ResponseSchemas {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [path.join(root, 'tsconfig.json')] })
    const [project] = snapshot.getProjects()
    if (project === undefined) throw new Error('no project')
    const { checker, program } = project
    const source = program.getSourceFile(routerFile)
    const exporting = source && checker.getSymbolAtLocation(source)
    const appRouter =
      exporting && checker.getExportsOfModule(exporting).find(({ name }) => name === 'appRouter')
    const type = appRouter && checker.getTypeOfSymbol(appRouter)
    if (type === undefined) throw new Error(`${routerFile} exports no appRouter`)
    return schemasOf(checker, at(checker, type, '_def', 'record'), names)
  } finally {
    api.close()
  }
}

function schemasOf(checker: Checker, record: Type, names: readonly string[]): ResponseSchemas {
  const schemas = new TypeSchemas(checker)
  const procedures: Record<string, JsonSchema | null> = {}
  for (const name of names) {
    const type = at(checker, record, ...name.split('.'), '_def', '$types', 'output')
    const output = carried(checker, type)
    const isNothing = checker.typeToString(output) === 'void'
    procedures[name] = isNothing ? null : schemas.schemaOf(output, name)
  }
  const definitions = Object.entries(schemas.definitions).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { procedures, definitions: Object.fromEntries(definitions) }
}

/** Of a stream of tracked messages: one message. */
function carried(checker: Checker, output: Type): Type {
  if (output.getSymbol()?.name !== 'AsyncIterable' || !output.isTypeReference()) return output
  const [message] = checker.getTypeArguments(output)
  if (message === undefined) throw new Error('a stream of what?')
  return at(checker, message, 'data')
}

function at(checker: Checker, type: Type, ...names: readonly string[]): Type {
  return names.reduce((from, name) => {
    const symbol = checker.getPropertyOfType(from, name)
    const found = symbol && checker.getTypeOfSymbol(symbol)
    if (found === undefined) throw new Error(`${checker.typeToString(from)} has no ${name}`)
    return found
  }, type)
}
