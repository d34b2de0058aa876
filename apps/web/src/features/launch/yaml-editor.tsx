'use client'

import { setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { SpecProblemView } from '@skykeep/core/views'
import { yamlExtensions } from './editor/extensions.ts'
import { marksOf } from './editor/problem-marks.ts'
import { keyAt, type KeyPlace } from './editor/yaml-place.ts'

/** The editor of a service YAML. Its text is its own: the page hears of changes and may put another text in with `onReady`’s view. */
export function YamlEditor({
  initial,
  problems,
  describedBy,
  hasFocus,
  onReady,
  onChange,
  onKey,
}: {
  readonly initial: string
  readonly problems: readonly SpecProblemView[]
  /** Id of the element that says how it is used. */
  readonly describedBy: string
  /** True: whoever comes here comes to write, and begins at once. */
  readonly hasFocus: boolean
  readonly onReady: (view: EditorView) => void
  readonly onChange: (text: string) => void
  /** The key of the line in which the cursor is. */
  readonly onKey: (key: KeyPlace | null) => void
}) {
  const frame = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const hear = useEffectEvent((state: EditorState, isChanged: boolean) => {
    const text = state.doc.toString()
    if (isChanged) onChange(text)
    onKey(keyAt(text, state.selection.main.head))
  })
  const start = useEffectEvent((parent: HTMLElement) => {
    const listener = EditorView.updateListener.of((update) => {
      if (update.docChanged || update.selectionSet) hear(update.state, update.docChanged)
    })
    const attributes = { 'aria-label': 'Service YAML', 'aria-describedby': describedBy }
    const state = EditorState.create({ doc: initial, extensions: [yamlExtensions(attributes), listener] })
    const made = new EditorView({ state, parent })
    if (hasFocus) made.focus()
    onReady(made)
    return made
  })
  useEffect(() => {
    if (frame.current === null) return undefined
    const made = start(frame.current)
    view.current = made
    return () => made.destroy()
  }, [])
  useEffect(() => {
    const shown = view.current
    if (shown !== null) shown.dispatch(setDiagnostics(shown.state, marksOf(shown.state.doc, problems)))
  }, [problems])
  return <div ref={frame} className="h-[clamp(18rem,calc(100dvh-24rem),44rem)] min-w-0" />
}
