import { expect, it } from 'vitest'
import { toJSONSchema, type ZodType } from 'zod'
import { knownProcedures, pathFields, restRoutes } from '@skykeep/api/rest/routes'

const fieldsOf = (input: ZodType | null): readonly string[] =>
  input === null ? [] : Object.keys(toJSONSchema(input, { io: 'input' }).properties ?? {})

it('every procedure says where its REST face is, or why it has none', () => {
  const silent = knownProcedures.filter(({ rest }) => rest === null).map(({ name }) => name)
  expect(silent, 'add `.meta(rest(...))` or `.meta(notRest(...))` of rest/declaration.ts').toEqual([])
  const unreasoned = knownProcedures.filter(
    ({ rest }) => rest !== null && 'notRestBecause' in rest && rest.notRestBecause.length < 20,
  )
  expect(unreasoned).toEqual([])
})

it('no two procedures have the same method and path', () => {
  const places = restRoutes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`)
  expect(places.toSorted()).toEqual([...new Set(places)].toSorted())
})

const named = restRoutes.map((route) => [route.name, route] as const)

it.each(named)('%s has a path, a summary and a method that fit it', (_name, route) => {
  expect(route.path).toMatch(/^(?:\/(?:[a-z]+(?:-[a-z]+)*|\{\w+\}))+$/)
  expect(route.summary).toMatch(/^[A-Z].{3,70}[^.]$/)
  expect(route.description ?? 'None.').toMatch(/\.$/)
  expect(route.method === 'GET', 'what only reads is a GET, and nothing else').toBe(route.kind !== 'mutation')
  expect(fieldsOf(route.input), 'fields of the path are fields of the input').toEqual(
    expect.arrayContaining([...pathFields(route.path)]),
  )
})

it.each(named.filter(([, { example }]) => example !== undefined))(
  '%s takes its example',
  (_name, { input, example = {} }) => {
    expect(input?.safeParse(example)).toMatchObject({ success: true })
    expect(fieldsOf(input)).toEqual(expect.arrayContaining(Object.keys(example)))
  },
)
