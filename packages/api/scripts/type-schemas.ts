import {
  TypeFlags,
  SymbolFlags,
  type Checker,
  type Symbol as TypeSymbol,
  type Type,
} from 'typescript/unstable/sync'
import type { JsonSchema } from '../src/rest/json-schema.ts'

/** Turns types that the compiler has worked out into JSON Schema; interfaces and aliases become named definitions. */
export class TypeSchemas {
  readonly definitions: Record<string, JsonSchema> = {}
  readonly #owners = new Map<string, number>()
  readonly #checker: Checker

  constructor(checker: Checker) {
    this.#checker = checker
  }

  /** Throws for what JSON cannot carry, naming the place. */
  schemaOf(type: Type, place: string): JsonSchema {
    const name = this.#nameOf(type)
    if (name === null) return this.#inline(type, place)
    const owner = this.#owners.get(name)
    if (owner !== undefined && owner !== type.id) throw new Error(`${place}: two types are named ${name}`)
    if (owner === undefined) {
      this.#owners.set(name, type.id)
      const symbol = type.getAliasSymbol() ?? type.getSymbol()
      this.definitions[name] = { ...described(symbol, this.#checker), ...this.#inline(type, name) }
    }
    return { $ref: `#/components/schemas/${name}` }
  }

  #nameOf(type: Type): string | null {
    const alias = type.getAliasSymbol()
    if (alias !== undefined && type.getAliasTypeArguments().length === 0) return alias.name
    if (alias !== undefined || !type.isObjectType() || this.#checker.isArrayLikeType(type)) return null
    const symbol = type.getSymbol()
    if (symbol === undefined || (symbol.flags & SymbolFlags.Interface) === 0) return null
    const [argument] = type.isTypeReference() ? this.#checker.getTypeArguments(type) : []
    if (argument === undefined) return symbol.name
    return `${this.#nameOf(argument) ?? ''}${symbol.name}`
  }

  #inline(type: Type, place: string): JsonSchema {
    if (type.isUnionType()) return this.#union(type.getTypes(), place)
    const { flags } = type
    if (type.isLiteralType()) {
      const { value } = type
      if (typeof value === 'bigint') throw new Error(`${place}: JSON carries no bigint`)
      return { enum: [value] }
    }
    if ((flags & TypeFlags.String) !== 0) return { type: 'string' }
    if ((flags & TypeFlags.Number) !== 0) return { type: 'number' }
    if ((flags & TypeFlags.Boolean) !== 0) return { type: 'boolean' }
    if ((flags & TypeFlags.Null) !== 0) return { type: 'null' }
    if ((flags & (TypeFlags.Any | TypeFlags.Unknown)) !== 0)
      throw new Error(`${place}: the type says nothing`)
    if (this.#checker.isArrayLikeType(type)) return { type: 'array', items: this.#items(type, place) }
    if (type.isObjectType() || type.isIntersectionType()) return this.#object(type, place)
    throw new Error(`${place}: JSON carries no ${this.#checker.typeToString(type)}`)
  }

  #items(type: Type, place: string): JsonSchema {
    const [item] = type.isTypeReference() ? this.#checker.getTypeArguments(type) : []
    if (item === undefined) throw new Error(`${place}: an array of what?`)
    return this.schemaOf(item, `${place}[]`)
  }

  #object(type: Type, place: string): JsonSchema {
    const [index] = this.#checker.getIndexInfosOfType(type)
    const symbols = this.#checker.getPropertiesOfType(type)
    const properties: Record<string, JsonSchema> = {}
    const required: string[] = []
    for (const symbol of symbols) {
      const value = this.#checker.getTypeOfSymbol(symbol)
      if (value === undefined) throw new Error(`${place}.${symbol.name} has no type`)
      properties[symbol.name] = {
        ...described(symbol, this.#checker),
        ...this.schemaOf(value, `${place}.${symbol.name}`),
      }
      if ((symbol.flags & SymbolFlags.Optional) === 0) required.push(symbol.name)
    }
    return {
      type: 'object',
      ...(symbols.length === 0 ? {} : { properties }),
      ...(required.length === 0 ? {} : { required }),
      ...(index === undefined ? {} : { additionalProperties: this.schemaOf(index.valueType, `${place}.*`) }),
    }
  }

  #union(types: readonly Type[], place: string): JsonSchema {
    const carried = types.filter(({ flags }) => (flags & TypeFlags.Undefined) === 0)
    const booleans = carried.filter((type) => type.isBooleanLiteralType())
    const literals = carried.flatMap((type) => (type.isLiteralType() ? [type.value] : []))
    const isBoolean = booleans.length === 2
    const values = literals.flatMap((value) =>
      typeof value === 'bigint' || (isBoolean && typeof value === 'boolean') ? [] : [value],
    )
    // The compiler's own order follows from what else it happened to read.
    const members = [
      ...(values.length === 0 ? [] : [{ enum: values.toSorted(byText) }]),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...carried
        .filter((type) => !type.isLiteralType())
        .map((type) => this.schemaOf(type, place))
        .toSorted(byText),
    ]
    const [only] = members
    return members.length === 1 && only !== undefined ? only : { anyOf: members }
  }
}

function described(symbol: TypeSymbol | undefined, checker: Checker): JsonSchema {
  const description = symbol?.getDocumentationComment(checker).trim() ?? ''
  return description === '' ? {} : { description }
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
}
