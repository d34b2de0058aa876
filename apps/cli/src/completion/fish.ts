import type { CompletionRow } from './completion-table.ts'
import { shellTable, type ShellSyntax } from './shell-table.ts'

const quote = (text: string): string =>
  `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`

const syntax: ShellSyntax = {
  branch: (patterns, body) => `    case ${patterns.join(' ')}\n      ${body}`,
  quote,
  lines: (lines) => `printf '%s\\n' ${lines.map(quote).join(' ')}`,
  answer: (text) => `echo ${quote(text)}`,
}

/** The completion of fish. */
export function fishCompletion(rows: readonly CompletionRow[]): string {
  const table = shellTable(rows, syntax)
  const question = (name: string, branches: string): string =>
    `function __skykeep_${name}\n  switch $argv[1]\n${branches}\n  end\nend\n`
  return `# Completion of skykeep for fish. Load it with: skykeep completion fish | source
${question('verbs', table.verbs)}
${question('flags', table.flags)}
${question('values', table.values)}
${question('args', table.args)}
function __skykeep_candidates --argument-names kind service
  switch "$kind"
    case service replica version operation
      set -l program (commandline -opc)[1]
      $program __complete $kind "$service" 2>/dev/null
    case file
      __fish_complete_path (commandline -ct)
    case folder
      __fish_complete_directories (commandline -ct)
    case 'one of: *'
      string split ' ' -- (string replace 'one of: ' '' -- $kind)
  end
end

function __skykeep
  set -l at ''
  set -l value ''
  set -l service ''
  set -l position 0
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for word in $words[2..-1]
    if test -n "$value"
      set value ''
    else if string match -q -- '-*' $word
      set value (__skykeep_values "$at|$word")
    else if test $position -eq 0; and contains -- $word (__skykeep_verbs "$at" | string split -f 1 \\t)
      string match -q 'help*' -- $at; or set at (string trim -- "$at $word")
    else
      test $position -eq 0; and set service $word
      set position (math $position + 1)
    end
  end
  if test -n "$value"
    __skykeep_candidates "$value" "$service"
    return
  end
  if string match -q -- '-*' $current
    __skykeep_flags "$at"
    return
  end
  set -l kind (__skykeep_args "$at|$position")
  if test "$kind" = verb
    set at (string join ' ' -- $words[3..-1])
  else
    __skykeep_candidates "$kind" "$service"
  end
  if test $position -eq 0; or test "$kind" = verb
    __skykeep_verbs "$at"
  end
end

complete -c skykeep -f -a '(__skykeep)'
`
}
