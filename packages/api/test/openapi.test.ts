import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { openApi, openApiText } from '@skykeep/api/rest/openapi'
import { restRoutes } from '@skykeep/api/rest/routes'

it('is valid OpenAPI 3.1 by a validator that is not ours', async () => {
  const validator = new Validator()
  const result = await validator.validate(JSON.parse(openApiText()))
  expect(result).toMatchObject({ valid: true })
  expect(validator.version).toBe('3.1')
})

it('describes every route, and points nowhere that is not there', () => {
  const { paths, components } = openApi()
  const described = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  // A file is no input of a procedure.
  const all = [...restRoutes.map(({ name }) => name), 'uploads.create']
  expect(described.toSorted()).toEqual(all.toSorted())
  const named = [...openApiText().matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(named))
})
