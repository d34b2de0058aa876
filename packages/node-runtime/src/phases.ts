import { SkykeepError } from '@skykeep/core/errors'

type Variables = Readonly<Record<string, string>>

/** Names that a shell keeps for itself: exporting them fails or breaks it (bash(1), "Shell Variables"). */
const keptByTheShell = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID', 'IFS'])

/**
 * The shell text of one phase, as SkyPilot builds it: the variables, then what the user wrote, in `~/sky_workdir`. It
 * removes its own file first, because it holds secrets. Throws INVALID_INPUT for a variable that no shell can export.
 */
export function phaseScript(text: string, variables: Variables): string {
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(name, value)}`)
  return ['rm -f -- "$0"', 'umask 022', ...exports, 'cd ~/sky_workdir || exit 1', text, ''].join('\n')
}

/** Shell text that writes each phase to a file of its name in `$stage`; meant for standard input, never a command line. */
export function phasesText(phases: Readonly<Record<string, string>>): string {
  return Object.entries(phases)
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
