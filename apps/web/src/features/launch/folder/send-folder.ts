import { provenFetch } from '#src/session/proven-fetch.ts'
import { readProblem } from '#src/trpc/problem.ts'
import { FolderProblem } from './folder-problem.ts'
import { packTar } from './pack-tar.ts'
import type { ChosenFolder } from './chosen-folder.ts'

/** Sends a working folder; returns the upload's id. Throws FolderProblem. */
export async function sendFolder({ files, label }: Pick<ChosenFolder, 'files' | 'label'>): Promise<string> {
  const response = await provenFetch('/api/uploads', { method: 'POST', body: packTar(files) }).catch(
    (cause: unknown) => {
      throw new FolderProblem(`The folder ${label} could not be sent. Nothing was changed; try again.`, {
        cause,
      })
    },
  )
  const answer: unknown = await response.json().catch(() => null)
  const uploadId: unknown = Reflect.get(Object(answer), 'uploadId')
  if (response.ok && typeof uploadId === 'string') return uploadId
  const problem = readProblem(answer)
  throw new FolderProblem(
    problem === undefined
      ? `The folder ${label} was not taken.`
      : `${problem.what} ${problem.hint ?? ''}`.trim(),
  )
}
