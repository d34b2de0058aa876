import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentService, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { completeKeys } from './key-completion.ts'
import { keyHelp } from './key-hover.ts'
import { editorLook } from './look.ts'

/** A new line stands as the one before it; below a key without a value, one step deeper. */
const indentation = indentService.of((context, offset) => {
  const line = context.state.doc.lineAt(offset)
  const before = offset > line.from ? line.text.slice(0, offset - line.from) : context.lineAt(offset, -1).text
  const column = before.search(/\S|$/)
  return /:\s*(?:[|>][-+]?)?\s*$/.test(before) ? column + 2 : column
})

/** Everything of the YAML editor but what the page listens to. Tab is left alone: it leaves the editor. */
export function yamlExtensions(attributes: Readonly<Record<string, string>>): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    indentUnit.of('  '),
    EditorState.tabSize.of(2),
    indentation,
    yaml(),
    keyHelp,
    // The list stands still once it is open: a key that comes at once is meant for it.
    autocompletion({ override: [completeKeys], icons: false, interactionDelay: 0 }),
    lintGutter(),
    EditorView.lineWrapping,
    editorLook,
    EditorView.contentAttributes.of({ spellcheck: 'false', autocapitalize: 'off', ...attributes }),
    keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
  ]
}
