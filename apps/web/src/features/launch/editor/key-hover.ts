import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state'
import { hoverTooltip, keymap, showTooltip, type Command, type Tooltip } from '@codemirror/view'
import { helpElement, helpLines } from './key-help-element.ts'
import { keyAt } from './yaml-place.ts'

const toggle = StateEffect.define<Tooltip | null>()

/** The help of the key under the cursor, asked for by keyboard; gone with the next change or move. */
const keyboardHelp = StateField.define<Tooltip | null>({
  create: () => null,
  update: (shown, transaction) => {
    const asked = transaction.effects.find((effect) => effect.is(toggle))
    if (asked !== undefined) return asked.value
    return transaction.docChanged || transaction.selection !== undefined ? null : shown
  },
  provide: (field) => showTooltip.from(field),
})

function tooltipAt(state: EditorState, offset: number): Tooltip | null {
  const key = keyAt(state.doc.toString(), offset)
  if (key === null || helpLines(key.table, key.key).length === 0) return null
  return {
    pos: key.from,
    end: key.to,
    above: true,
    create: () => ({ dom: tooltipElement(key.table, key.key) }),
  }
}

function tooltipElement(table: string, key: string): HTMLElement {
  const box = document.createElement('div')
  box.setAttribute('role', 'status')
  box.setAttribute('aria-label', `Help for ${key}`)
  box.append(helpElement(table, key))
  return box
}

const showHelp: Command = (view) => {
  const shown = view.state.field(keyboardHelp)
  const wanted = shown === null ? tooltipAt(view.state, view.state.selection.main.head) : null
  view.dispatch({ effects: toggle.of(wanted) })
  return true
}

const hideHelp: Command = (view) => {
  if (view.state.field(keyboardHelp) === null) return false
  view.dispatch({ effects: toggle.of(null) })
  return true
}

/** Help for a key: under the mouse, or by Ctrl-I (Cmd-I) for the key of the cursor's line; Escape closes it. */
export const keyHelp: Extension = [
  keyboardHelp,
  hoverTooltip((view, offset) => {
    const key = keyAt(view.state.doc.toString(), offset)
    return key === null || offset < key.from || offset > key.to ? null : tooltipAt(view.state, offset)
  }),
  keymap.of([
    { key: 'Mod-i', run: showHelp, preventDefault: true },
    { key: 'Escape', run: hideHelp },
  ]),
]
