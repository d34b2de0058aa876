'use client'

import { useId, useState } from 'react'
import type { SpecProblemView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import type { KeyPlace } from './editor/yaml-place.ts'
import { KeyHelpLine } from './key-help-line.tsx'
import { ProblemList } from './problem-list.tsx'
import { templates, type Template } from './templates/templates.ts'
import type { LaunchText, Start } from './use-launch-text.ts'
import { YamlEditor } from './yaml-editor.tsx'

const templateChoices = [
  { value: '', label: 'Start from a template…' },
  ...templates.map(({ id, label }) => ({ value: id, label })),
]

/** The editor with what belongs to it: templates, help for the key, problems, and how it is used. */
export function EditorCard({
  start,
  source,
  problems,
  isChecking,
  onTemplate,
}: {
  readonly start: Start
  readonly source: LaunchText
  readonly problems: readonly SpecProblemView[]
  readonly isChecking: boolean
  readonly onTemplate: (template: Template) => void
}) {
  const hintId = useId()
  const [isDropped, setDropped] = useState(false)
  const [place, setPlace] = useState<KeyPlace | null>(null)
  const takeTemplate = (id: string): void => {
    const template = templates.find((each) => each.id === id)
    if (template !== undefined) onTemplate(template)
  }
  return (
    <Card
      title="Service YAML"
      isFlush
      actions={<SelectField label="Template" value="" onChange={takeTemplate} choices={templateChoices} />}
    >
      {start.fresh === null || isDropped ? null : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-sunken px-4 py-2">
          <p className="min-w-0 flex-1">
            {start.service === null
              ? 'This is the draft that this browser kept.'
              : `This is the draft that this browser kept, not the YAML that ${start.service} runs.`}
          </p>
          <Button
            onClick={() => {
              setDropped(true)
              source.replace(start.fresh ?? '')
            }}
          >
            {start.service === null ? 'Begin anew' : 'Take the running YAML'}
          </Button>
        </div>
      )}
      <YamlEditor
        initial={start.yaml}
        problems={problems}
        describedBy={hintId}
        hasFocus={start.service !== null}
        onReady={source.ready}
        onChange={source.edit}
        onKey={setPlace}
      />
      <KeyHelpLine place={place} />
      <ProblemList
        problems={problems}
        isChecking={isChecking}
        isEmpty={source.text.trim() === ''}
        onGo={source.goTo}
      />
      <p id={hintId} className="border-t border-line px-4 py-2 text-soft">
        Ctrl-Space completes, Ctrl-I explains the key of this line, F8 goes to the next problem, Tab leaves
        the editor.{' '}
        {source.isKept
          ? 'A draft is kept in this browser, for this control plane alone and without the values of secrets.'
          : 'No draft is kept: the text holds secrets in a form that cannot be told apart, or this browser stores nothing.'}
      </p>
    </Card>
  )
}
