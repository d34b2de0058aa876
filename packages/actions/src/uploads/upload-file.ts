import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'

/** Where an upload lies: its owner is in the name, so that nobody can use another person's files. */
export function uploadFile(uploadsDir: string, userUid: string, uploadId: string): string {
  if (!/^upl_[0-9a-z]{16,64}$/.test(uploadId)) {
    throw new SkykeepError('INVALID_INPUT', 'not an upload id', {
      userMessage: 'That is not the id of an upload.',
      hint: 'Send the working folder again with `skykeep serve up`.',
    })
  }
  return join(uploadsDir, `${userUid}.${uploadId}.tar`)
}
