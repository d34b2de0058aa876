import { receiveUpload } from '@skykeep/actions/uploads/receive-upload'
import { credentialsOf, identify } from '@skykeep/auth/identify'
import { SkykeepError } from '@skykeep/core/errors'
import { bodyStream } from './body-stream.ts'
import { guarded } from './guard.ts'
import { plane } from './plane.ts'

/** `POST /api/uploads`, of the dashboard and the command line; programs have `POST /api/v1/uploads`: a packed working folder as the body, streamed to disk. Answers `{uploadId}`. */
export function handleUpload(request: Request): Promise<Response> {
  return guarded(request, async () => {
    const { services, auth } = await plane()
    const actor = await identify(auth, credentialsOf(request.headers))
    if (actor === null) {
      throw new SkykeepError('UNAUTHENTICATED', 'upload without a session or token', {
        userMessage: 'You are not signed in.',
        hint: 'Run `skykeep login` and open its link.',
      })
    }
    const body = bodyStream(request)
    if (body === null) {
      throw new SkykeepError('INVALID_INPUT', 'upload without a body', {
        userMessage: 'The upload is empty.',
      })
    }
    return Response.json(await receiveUpload({ ...services, actor }, body))
  })
}
