import { SkykeepError } from '@skykeep/core/errors'

type Variables = Readonly<Record<string, string>>
export type Phase = 'setup' | 'run'

/** Names that a shell keeps for itself: exporting them fails or breaks it (bash(1), "Shell Variables"). */
const keptByTheShell = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID', 'IFS'])

/**
 * The files of one phase, by name: what the user wrote, line for line, so that the shell names his own lines in its
 * errors, and before it, on the same first line, the variables as SkyPilot sets them, in `~/sky_workdir`. Both are
 * removed before the user's text runs, because they hold secrets. The shell is started in the stage, by the phase's
 * bare name. Throws INVALID_INPUT for a variable that no shell can export.
 */
export function phaseFiles(
  phase: Phase,
  text: string,
  variables: Variables,
): Readonly<Record<string, string>> {
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(name, value)}`)
  const before = [`rm -f -- ${phase} ${phase}.env`, 'umask 022', ...exports, 'cd ~/sky_workdir || exit 1', '']
  return { [`${phase}.env`]: before.join('\n'), [phase]: `. ./${phase}.env; ${text}\n` }
}

/** Shell text that writes each file into `$stage`; meant for standard input, never a command line. */
export function stageText(files: Readonly<Record<string, string>>): string {
  return Object.entries(files)
    .map(([name, script]) => {
      if (script.includes('\0')) throw new SkykeepError('INVALID_INPUT', `${name} contains a NUL byte`)
      const end = endMarkFor(script)
      return `cat >"$stage/${name}" <<'${end}'\n${script}${script.endsWith('\n') ? '' : '\n'}${end}\n`
    })
    .join('')
}

function endMarkFor(script: string): string {
  let mark = 'SKYKEEP_END'
  while (script.includes(mark)) mark += '_'
  return mark
}

function quoted(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || keptByTheShell.has(name)) {
    throw new SkykeepError('INVALID_INPUT', `no shell can export a variable named ${JSON.stringify(name)}`, {
      hint: 'Use letters, digits and _ in names under envs and secrets; UID, EUID, PPID and IFS belong to the shell.',
    })
  }
  if (value.includes('\0')) {
    throw new SkykeepError('INVALID_INPUT', `the variable ${name} contains a NUL byte`, {
      hint: 'Encode binary values as base64.',
    })
  }
  return `'${value.replaceAll("'", `'\\''`)}'`
}
