import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { FolderProblem } from './folder/folder-problem.ts'

/** Why something was not done; a folder's problem is no answer of the API and is shown as it is. */
export function LaunchProblem({ error, kept }: { readonly error: unknown; readonly kept: string }) {
  if (!(error instanceof FolderProblem)) return <ProblemNotice error={error} kept={kept} />
  return (
    <p role="alert" className="rounded-lg border border-line bg-surface p-4 break-words">
      {error.message}
    </p>
  )
}
