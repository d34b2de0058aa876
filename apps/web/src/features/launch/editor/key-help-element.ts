import { knownKeyAt } from '@skykeep/spec/known-keys'

/** What is known of a key as lines of text, most wanted first; empty: nothing is known of it. */
export function helpLines(table: string, key: string): readonly string[] {
  const known = knownKeyAt(table, key)
  if (known === undefined) return []
  if (known.status === 'later') {
    const what = known.with.startsWith('nothing')
      ? `Not for users: ${known.with.replace('nothing: ', '')}.`
      : `Not supported yet: it arrives with ${known.with}.`
    return [what, ...(known.hint === undefined ? [] : [known.hint])]
  }
  return [
    known.help,
    `May be: ${known.says}.`,
    known.unlessSaid === null ? 'It must be given.' : `Unless said: ${known.unlessSaid}.`,
  ]
}

/** An example of the key as YAML; empty: there is none. */
export function exampleOf(table: string, key: string): string {
  const known = knownKeyAt(table, key)
  return known?.status === 'supported' ? known.example : ''
}

/** The help of a key for the editor's own windows, which are no part of React. */
export function helpElement(table: string, key: string): HTMLElement {
  const box = document.createElement('div')
  box.className = 'cm-key-help'
  const title = document.createElement('strong')
  title.textContent = table === '' ? key : `${table}.${key}`
  const lines = helpLines(table, key).map((line) => {
    const paragraph = document.createElement('p')
    paragraph.textContent = line
    return paragraph
  })
  box.append(title, ...lines)
  const example = exampleOf(table, key)
  if (example !== '') {
    const code = document.createElement('pre')
    code.textContent = example
    box.append(code)
  }
  return box
}
