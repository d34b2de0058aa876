import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, type CommandLine } from './command-line.ts'

export type ShellName = 'bash' | 'zsh' | 'fish'

/** Why a shell cannot be tried here, for the name of a test; empty where it can. */
export function lackOf(shell: ShellName): string {
  return spawnSync(shell, ['--version']).error === undefined ? '' : ` (skipped: ${shell} is not installed)`
}

const patienceMs = 60_000

/** What a shell with the completion of Skykeep loaded makes of a line that a person has begun, candidates in its own order. */
export class CompletingShell {
  readonly #line: CommandLine
  readonly #folder: string

  constructor(line: CommandLine) {
    this.#line = line
    this.#folder = path.join(line.folder, 'bin')
    mkdirSync(this.#folder, { recursive: true })
    const program = path.join(this.#folder, 'skykeep')
    writeFileSync(program, `#!/bin/sh\nexec "${build}/node" -- "${build}/cli.mjs" "$@"\n`)
    chmodSync(program, 0o755)
    for (const shell of ['bash', 'zsh', 'fish']) {
      writeFileSync(this.#script(shell), this.#run(program, ['completion', shell]))
    }
  }

  /** The candidates of bash: its own function is asked as bash asks it. */
  bash(words: readonly string[]): readonly string[] {
    const script = `source "${this.#script('bash')}"
complete -p skykeep >/dev/null
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skykeep
printf '%s\\n' "\${COMPREPLY[@]}"`
    return linesOf(this.#run('bash', ['--norc', '-c', script, 'bash', ...words]))
  }

  /** The candidates of fish, with its own question for them. */
  fish(line: string): readonly string[] {
    const script = `source "${this.#script('fish')}"; complete -C '${line}'`
    return linesOf(this.#run('fish', ['--no-config', '-c', script])).map((each) => each.split('\t')[0] ?? '')
  }

  /** The line of an interactive zsh after Tab, which has to be the end of one word. */
  zsh(line: string): string {
    const script = `zmodload zsh/zpty
zpty z "TERM=dumb PS1='> ' zsh -f -i"
until_seen() { local all='' part; while zpty -r z part; do all+=$part; [[ $all == *\${~1}* ]] && { print -r -- "$all"; return }; done }
zpty -w z 'autoload -Uz compinit; compinit -u -D; source "${this.#script('zsh')}"; LISTMAX=1000; show() { print -r -- "<<$BUFFER>>"; zle .kill-whole-line }; zle -N show; bindkey "^X" show; print RE""ADY'
until_seen READY >/dev/null
zpty -w -n z "$1"$'\\t\\x18'
until_seen '<<*>>'
zpty -d z`
    const output = this.#run('zsh', ['-f', '-c', script, 'zsh', line])
    return /<<(.*?)>>/.exec(output)?.[1] ?? output
  }

  #script(shell: string): string {
    return path.join(this.#folder, `completion.${shell}`)
  }

  #run(program: string, args: readonly string[]): string {
    const env = { ...this.#line.env, PATH: `${this.#folder}:${this.#line.env['PATH'] ?? ''}`, TERM: 'xterm' }
    return execFileSync(program, args, {
      env,
      cwd: this.#line.folder,
      encoding: 'utf8',
      timeout: patienceMs,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
