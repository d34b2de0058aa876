import responses from './responses.json' with { type: 'json' }
import type { ResponseSchemas } from './json-schema.ts'
import { openApiDocument, type OpenApiDocument } from './openapi-document.ts'
import { restRoutes } from './routes.ts'

let document: OpenApiDocument | undefined
let text: string | undefined

/** The OpenAPI document of this program. */
export function openApi(): OpenApiDocument {
  // A schema is wider than the type that TypeScript infers for one JSON file.
  return (document ??= openApiDocument(restRoutes, responses as unknown as ResponseSchemas))
}

/** The same as JSON; made once. */
export function openApiText(): string {
  return (text ??= JSON.stringify(openApi()))
}
