import type { CompletionRow } from './completion-table.ts'
import { posixSyntax, quoted, shellTable, type ShellSyntax } from './shell-table.ts'

const syntax: ShellSyntax = {
  ...posixSyntax,
  // Without descriptions: bash shows words only.
  lines: (lines) => `REPLY=${quoted(lines.map((line) => line.split('\t')[0]).join(' '))}`,
}

/** The completion of bash, 3.2 and newer. */
export function bashCompletion(rows: readonly CompletionRow[]): string {
  const table = shellTable(rows, syntax)
  const question = (name: string, branches: string): string =>
    `_skykeep_${name}() {\n  REPLY=''\n  case "$1" in\n${branches}\n  esac\n}\n`
  return `# Completion of skykeep for bash. Load it with: eval "$(skykeep completion bash)"
${question('verbs', table.verbs)}
${question('flags', table.flags)}
${question('values', table.values)}
${question('args', table.args)}
_skykeep_candidates() {
  local IFS=$'\\n' cur=$3
  case "$1" in
    service|replica|version|operation)
      COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" __complete "$1" "$2" 2>/dev/null | cut -f 1)" -- "$cur")) ;;
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    'one of: '*) IFS=' '; COMPREPLY=($(compgen -W "\${1#one of: }" -- "$cur")) ;;
  esac
}

_skykeep() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at='' value='' service='' word REPLY i
  local -i position=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $value ]]; then value=''; continue; fi
    if [[ $word == -* ]]; then _skykeep_values "$at|$word"; value=$REPLY; continue; fi
    _skykeep_verbs "$at"
    if [[ $position == 0 && " $REPLY " == *" $word "* ]]; then
      [[ $at == help* ]] || at="\${at:+$at }$word"
    else
      [[ $position == 0 ]] && service=$word
      position+=1
    fi
  done
  if [[ $cur == '=' ]]; then cur=''; fi
  if [[ -n $value ]]; then _skykeep_candidates "$value" "$service" "$cur"; return; fi
  if [[ $cur == -* ]]; then
    _skykeep_flags "$at"
    COMPREPLY=($(compgen -W "$REPLY" -- "$cur"))
    return
  fi
  _skykeep_args "$at|$position"
  if [[ $REPLY == verb ]]; then
    at=''
    for ((i = 2; i < COMP_CWORD; i++)); do at="\${at:+$at }\${COMP_WORDS[i]}"; done
  else
    _skykeep_candidates "$REPLY" "$service" "$cur"
  fi
  if [[ $position == 0 || $REPLY == verb ]]; then
    _skykeep_verbs "$at"
    COMPREPLY+=($(compgen -W "$REPLY" -- "$cur"))
  fi
}

complete -F _skykeep skykeep
`
}
