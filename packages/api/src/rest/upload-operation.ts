export const uploadPath = '/uploads'

/** Its part of the OpenAPI document; no procedure stands behind it, as those take no files. */
export function uploadOperation<Answers extends object>(badAnswers: Answers) {
  const schema = {
    type: 'object',
    properties: { uploadId: { type: 'string' } },
    required: ['uploadId'],
  } as const
  const file = { schema: { type: 'string', format: 'binary', minLength: 1 } } as const
  return {
    operationId: 'uploads.create',
    summary: 'Upload a working folder',
    description:
      'The body is a tar of it, packed with gzip or not. Name the `uploadId` of the answer in `POST /services` or in an update, within a day: it is used once.',
    tags: ['services'],
    parameters: [],
    requestBody: {
      required: true,
      content: { 'application/gzip': file, 'application/x-tar': file, 'application/octet-stream': file },
    },
    responses: {
      '200': { description: 'The answer.', content: { 'application/json': { schema } } },
      ...badAnswers,
    },
  }
}
