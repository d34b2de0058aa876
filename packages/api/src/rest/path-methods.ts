import { allowedMethods, matchPath } from './match-route.ts'
import { uploadPath } from './upload-operation.ts'

export const restPrefix = '/api/v1'
export const documentPath = '/openapi.json'

/** What the methods of a path beneath `/api/v1` are; empty where there is nothing. Throws INVALID_INPUT for a path that is no UTF-8. */
export function methodsAt(path: string): readonly string[] {
  if (path === documentPath) return ['GET', 'HEAD', 'OPTIONS']
  if (path === uploadPath) return ['POST', 'OPTIONS']
  const matches = matchPath(path)
  return matches.length === 0 ? [] : allowedMethods(matches)
}
