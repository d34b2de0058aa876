import type { AnyTRPCProcedure } from '@trpc/server'
import type { ZodType } from 'zod'
import { appRouter } from '../router.ts'
import type { ApiMeta, RestDeclaration } from './declaration.ts'

export type ProcedureKind = 'query' | 'mutation' | 'subscription'

/** A procedure as the router knows it. */
export interface KnownProcedure {
  /** `services.list` */
  readonly name: string
  readonly kind: ProcedureKind
  /** Null: none was declared. */
  readonly rest: ApiMeta['rest'] | null
  /** Null: it takes no input. */
  readonly input: ZodType | null
}

/** A procedure with its REST face. */
export interface RestRoute extends RestDeclaration {
  readonly name: string
  readonly kind: ProcedureKind
  readonly input: ZodType | null
}

// At run time the record is flat (`services.list`); its type is that of the nested routers.
const procedures: Readonly<Record<string, unknown>> = appRouter._def.procedures

/** Every procedure, in the order of the router. */
export const knownProcedures: readonly KnownProcedure[] = (
  Object.entries(procedures) as [string, AnyTRPCProcedure][]
).map(([name, { _def }]) => ({
  name,
  kind: _def.type,
  // Types of both are lost at the router: `ApiMeta` is the only meta, and every parser of ours is zod's.
  rest: (_def.meta as ApiMeta | undefined)?.rest ?? null,
  input: (_def.inputs.at(-1) as ZodType | undefined) ?? null,
}))

/** Every procedure that is reached at `/api/v1`. */
export const restRoutes: readonly RestRoute[] = knownProcedures.flatMap(({ name, kind, rest, input }) =>
  rest === null || 'notRestBecause' in rest ? [] : [{ ...rest, name, kind, input }],
)

/** The names between braces of a path, in order. */
export function pathFields(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field)
}
