'use client'

import { useState } from 'react'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { EditorCard } from './editor-card.tsx'
import { FolderPicker } from './folder-picker.tsx'
import { LaunchButton } from './launch-button.tsx'
import { LaunchProblem } from './launch-problem.tsx'
import { LaunchProgress } from './launch-progress.tsx'
import { askedVariables, stillNamed, type GivenValue } from './open-values.ts'
import { PlanCard } from './plan-card.tsx'
import { folderOfTemplate, type Template } from './templates/templates.ts'
import { useCheck } from './use-launch.ts'
import { useLaunchText, type Start } from './use-launch-text.ts'
import { ValuesForm } from './values-form.tsx'

/** The editor, and beside it what would happen. */
export function LaunchScreen({ start }: { readonly start: Start }) {
  const url = useUrlFilters()
  const source = useLaunchText(start)
  const [folder, setFolder] = useState(start.folder)
  const [given, setGiven] = useState<readonly GivenValue[]>([])
  const wish = { yaml: source.settled, given: stillNamed(source.settled, given), folder }
  const check = useCheck(wish)
  const isEmpty = source.text.trim() === ''
  const seen = isEmpty ? undefined : check.data
  const problems = seen?.problems ?? []
  const isOld = !isEmpty && (source.text !== source.settled || check.isFetching)
  const workdir = seen?.spec?.task.workdir
  const begin = (template: Template): void => {
    source.replace(template.yaml)
    setFolder(folderOfTemplate(template))
  }
  const operationUid = url.get('operation')
  return (
    <>
      {operationUid === null ? null : (
        <LaunchProgress uid={operationUid} onClose={() => url.set({ operation: null })} />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(18rem,2fr)]">
        <EditorCard start={start} source={source} problems={problems} isChecking={isOld} onTemplate={begin} />
        <div className="flex min-w-0 flex-col gap-4">
          {check.isError && !isEmpty ? (
            <LaunchProblem error={check.error} kept="Your text is kept in the editor." />
          ) : null}
          <PlanCard wish={wish} check={seen} isOld={isOld} onTemplate={begin} />
          {workdir === undefined ? null : (
            <FolderPicker
              workdir={workdir}
              name={seen?.spec?.name ?? ''}
              isUpdate={seen?.living !== null && seen?.living !== undefined}
              folder={folder}
              onChoose={setFolder}
            />
          )}
          <ValuesForm
            asked={askedVariables(source.settled, problems, given)}
            onChange={(value) => setGiven((all) => [...all.filter((each) => !isSame(each, value)), value])}
          />
          <LaunchButton wish={wish} check={seen} isOld={isOld} onAsked={source.forget} />
        </div>
      </div>
    </>
  )
}

function isSame(one: GivenValue, other: GivenValue): boolean {
  return one.kind === other.kind && one.name === other.name
}
