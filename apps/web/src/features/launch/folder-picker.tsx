'use client'

import { useMutation } from '@tanstack/react-query'
import { FolderUp, X } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { CommandLine } from '#src/components/ui/copy-button.tsx'
import { plural } from '#src/format/quantity.ts'
import { folderOf, type ChosenFolder } from './folder/chosen-folder.ts'
import { LaunchProblem } from './launch-problem.tsx'

/** Chooses the working folder that the YAML names; says what is sent, and how to do it from a terminal. */
export function FolderPicker({
  workdir,
  name,
  isUpdate,
  folder,
  onChoose,
}: {
  readonly workdir: string
  readonly name: string
  readonly isUpdate: boolean
  readonly folder: ChosenFolder | null
  readonly onChoose: (folder: ChosenFolder | null) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const reading = useMutation({ mutationFn: folderOf, onSuccess: onChoose })
  return (
    <Card
      title="Working folder"
      note={<code className="font-mono break-all">{workdir}</code>}
      actions={
        <>
          {folder === null ? null : (
            <Button look="quiet" isIcon aria-label="Take the folder away" onClick={() => onChoose(null)}>
              <X aria-hidden />
            </Button>
          )}
          <Button disabled={reading.isPending} onClick={() => input.current?.click()}>
            <FolderUp aria-hidden />
            {reading.isPending ? 'Reading…' : folder === null ? 'Choose the folder' : 'Choose another'}
          </Button>
        </>
      }
    >
      <input
        ref={input}
        type="file"
        // React has the attribute, its types do not: browsers then ask for a folder.
        {...{ webkitdirectory: '' }}
        multiple
        aria-label="Working folder"
        tabIndex={-1}
        className="sr-only"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])]
          if (files.length > 0) reading.mutate(files)
        }}
      />
      <p className="break-words">{stateText(folder, isUpdate)}</p>
      {reading.isError ? <LaunchProblem error={reading.error} kept="Nothing was sent." /> : null}
      {folder === null ? (
        <div className="mt-3 grid gap-1">
          <p className="text-soft">Or from a terminal on the machine that has it:</p>
          <CommandLine
            command={
              isUpdate ? `npx skykeep serve update ${name} service.yaml` : 'npx skykeep serve up service.yaml'
            }
          />
        </div>
      ) : null}
    </Card>
  )
}

function stateText(folder: ChosenFolder | null, isUpdate: boolean): string {
  if (folder === null) {
    return isUpdate
      ? 'The files of the running version are kept. Choose a folder to send others.'
      : 'A browser cannot open that path by itself: choose the folder, and its files are sent along.'
  }
  const left =
    folder.leftOut === 0 ? '' : `; ${plural(folder.leftOut, 'file')} stay behind (ignore rules, .git)`
  return `${folder.label}: ${plural(folder.files.length, 'file')}${left}. Links and empty folders are not sent.`
}
