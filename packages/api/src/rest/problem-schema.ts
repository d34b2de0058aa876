import { errorCodes } from '@skykeep/core/errors'
import type { JsonSchema } from './json-schema.ts'

const text: JsonSchema = { type: 'string' }
const textOrNull: JsonSchema = { type: ['string', 'null'] }

/** The schemas of an answer that is an error: those of `Problem` and `FieldProblem`. */
export const problemSchemas: Readonly<Record<string, JsonSchema>> = {
  FieldProblem: {
    description: 'What is wrong with one field of a request.',
    type: 'object',
    properties: {
      key: { ...text, description: '`schedule.offHours.0.from`' },
      value: { ...textOrNull, description: 'As it was sent, cut short; null: absent, or not to be shown.' },
      fix: text,
    },
    required: ['key', 'value', 'fix'],
  },
  Problem: {
    description: 'An error (RFC 9457).',
    type: 'object',
    properties: {
      type: { ...text, description: '`urn:skykeep:problem:not-found`' },
      title: { ...text, description: 'The same for every problem of this code.' },
      status: { type: 'integer' },
      detail: { ...text, description: 'What is wrong, for a person.' },
      code: { enum: errorCodes },
      hint: { ...textOrNull, description: 'What to do next.' },
      fields: { type: 'array', items: { $ref: '#/components/schemas/FieldProblem' } },
      problems: {
        description: 'Findings in a YAML, where that is what is wrong.',
        type: 'array',
        items: { $ref: '#/components/schemas/SpecProblemView' },
      },
    },
    required: ['type', 'title', 'status', 'detail', 'code', 'hint', 'fields', 'problems'],
  },
}
