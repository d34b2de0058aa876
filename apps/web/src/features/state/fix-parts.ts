/** What a finding says is to be done: a command to copy, words, or both. */
interface FixParts {
  readonly command: string | null
  readonly words: string
}

/** Tells the command of a fix from its words: `skykeep state backup (best each night)`. From the clone it is typed with npx. Pure. */
export function fixParts(fix: string): FixParts {
  const found =
    /^(.*?: )?((?:npx )?skykeep [^(]+|npm start|(?:sudo )?ch(?:mod|own) [^(,]+)(?:\((.+)\))?$/.exec(fix)
  if (found === null) return { command: null, words: fix }
  const [, before = '', command = '', after = ''] = found
  return { command: command.trim().replace(/^skykeep /, 'npx skykeep '), words: `${before}${after}`.trim() }
}
