import { SkykeepError } from '@skykeep/core/errors'
import { problemOf, problemResponse } from './problem.ts'

/** 405 with what the path has instead (RFC 9110 §15.5.6). */
export function notAllowed(method: string, methods: readonly string[]): Response {
  const allow = methods.join(', ')
  const error = new SkykeepError('METHOD_NOT_ALLOWED', `no ${method}`, {
    userMessage: `This path has no ${method}.`,
    hint: `It has ${allow}.`,
  })
  return problemResponse(problemOf(error), { allow })
}
