/** A table of GitHub's Markdown. Texts stay what they are, but for what would end a cell. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function cell(text: string): string {
  return inText(text)
    .replaceAll('|', String.raw`\|`)
    .replaceAll('\n', ' ')
}

/** Placeholders such as `<file>` outside of code would be read as HTML. */
export function inText(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('*', String.raw`\*`),
    )
    .join('')
}

/** A sentence as it stands in a help, as one of a page. */
export function asSentence(text: string): string {
  const first = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
  return /[.!?:]$/.test(first) ? first : `${first}.`
}

/** The line that every page begins with below its title. */
export const madeFrom = (source: string): string =>
  `_Written by \`node docs/reference.ts\` from ${source}; a check fails where it is not what the program does._`
