import { SkykeepError } from '@skykeep/core/errors'
import { restRoutes, type RestRoute } from './routes.ts'

export interface Matched {
  readonly route: RestRoute
  /** The fields that stand in the path, decoded. */
  readonly fields: Readonly<Record<string, string>>
}

/** Every route that the path reaches, whatever the method; empty: none. Throws INVALID_INPUT for a path that is no UTF-8. */
export function matchPath(path: string): readonly Matched[] {
  const segments = path.split('/').slice(1).map(decoded)
  return restRoutes.flatMap((route) => {
    const fields = fieldsOf(route.path.split('/').slice(1), segments)
    return fields === null ? [] : [{ route, fields }]
  })
}

/** What the methods of a path are, as `Allow` says it. */
export function allowedMethods(matches: readonly Matched[]): readonly string[] {
  const declared = matches.map(({ route }) => route.method)
  return [...new Set([...declared, ...(declared.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])]
}

function fieldsOf(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  if (pattern.length !== segments.length) return null
  const fields: Record<string, string> = {}
  for (const [place, wanted] of pattern.entries()) {
    const segment = segments[place] ?? ''
    if (!wanted.startsWith('{')) {
      if (segment !== wanted) return null
    } else if (segment === '') return null
    else fields[wanted.slice(1, -1)] = segment
  }
  return fields
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', 'a path that is no UTF-8', {
      cause,
      userMessage: `The path has a part that cannot be decoded: ${JSON.stringify(segment.slice(0, 100))}.`,
      hint: 'Encode each part of a path as UTF-8 with percent signs (RFC 3986).',
    })
  }
}
