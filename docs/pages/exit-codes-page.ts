import { exitCodeMeanings, exitCodes } from '../../apps/cli/src/commands/failure.ts'
import { madeFrom, markdownTable } from './markdown.ts'

/** `docs/reference/exit-codes.md`: what a script is told. */
export function exitCodesPage(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[]
  return [
    '# Exit codes',
    madeFrom('the program'),
    'What `npx skykeep …` ends with. `skykeep help exit-codes` shows the same. Codes from 100 are those of SkyPilot, for verbs that follow work to its end, such as `skykeep ops OPERATION --watch`.',
    markdownTable(
      ['code', 'meaning'],
      names.map((name) => [String(exitCodes[name]), exitCodeMeanings[name]]),
    ),
    'Whatever goes wrong is said on standard error in two or more lines: `error: ` with what is wrong, its key and value, and below it what to do. Nothing of it stands on standard output.',
    '',
  ].join('\n\n')
}
