'use client'

import { isolateHistory } from '@codemirror/commands'
import type { EditorView } from '@codemirror/view'
import { useRef, useState } from 'react'
import type { SpecProblemView } from '@skykeep/core/views'
import { keepDraft } from './draft.ts'
import { offsetOf } from './editor/problem-marks.ts'
import type { ChosenFolder } from './folder/chosen-folder.ts'

const quietMs = 250

/** What the editor begins with. */
export interface Start {
  readonly yaml: string
  /** What it would begin with without the draft; null: it began with no draft. */
  readonly fresh: string | null
  readonly folder: ChosenFolder | null
  /** The draft of another persistent path is another one; of a service, its own. */
  readonly installationId: string
  readonly service: string | null
}

export interface LaunchText {
  readonly text: string
  /** The text once typing has paused: what is checked, kept as a draft, and launched. */
  readonly settled: string
  /** False: no draft is kept. */
  readonly isKept: boolean
  readonly ready: (view: EditorView) => void
  readonly edit: (text: string) => void
  /** Puts another text in; undoing brings the old one back. */
  readonly replace: (text: string) => void
  /** What was asked for needs no draft any more. */
  readonly forget: () => void
  /** Puts the cursor where a problem is. */
  readonly goTo: (problem: Pick<SpecProblemView, 'line' | 'column'>) => void
}

/** The text of the editor, its draft, and the ways to reach into it. */
export function useLaunchText({ yaml, installationId, service }: Start): LaunchText {
  const editor = useRef<EditorView>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [text, setText] = useState(yaml)
  const [settled, setSettled] = useState(yaml)
  const [isKept, setKept] = useState(true)
  return {
    text,
    settled,
    isKept,
    ready: (view) => (editor.current = view),
    edit: (next) => {
      setText(next)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        setSettled(next)
        setKept(keepDraft(installationId, service, next))
      }, quietMs)
    },
    replace: (next) => {
      const view = editor.current
      view?.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: next },
        selection: { anchor: 0 },
        // A step of its own: undoing brings back the text, not what was there before it was typed.
        annotations: isolateHistory.of('full'),
      })
      view?.focus()
    },
    forget: () => void keepDraft(installationId, service, ''),
    goTo: ({ line, column }) => {
      const view = editor.current
      view?.dispatch({
        selection: { anchor: offsetOf(view.state.doc, line, column) },
        scrollIntoView: true,
      })
      view?.focus()
    },
  }
}
