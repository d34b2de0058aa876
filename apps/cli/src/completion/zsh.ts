import type { CompletionRow } from './completion-table.ts'
import { posixSyntax, quoted, shellTable, type ShellSyntax } from './shell-table.ts'

const syntax: ShellSyntax = {
  ...posixSyntax,
  lines: (lines) => `reply=(${lines.map(describedWord).join(' ')})`,
}

/** `word:what it does`, as `_describe` reads it. */
function describedWord(line: string): string {
  const [word = '', does = ''] = line.split('\t')
  return quoted(`${word.replaceAll(':', String.raw`\:`)}:${does}`)
}

/** The completion of zsh. */
export function zshCompletion(rows: readonly CompletionRow[]): string {
  const table = shellTable(rows, syntax)
  const question = (name: string, branches: string): string =>
    `_skykeep_${name}() {\n  REPLY=''\n  reply=()\n  case "$1" in\n${branches}\n  esac\n}\n`
  return `#compdef skykeep
# Completion of skykeep for zsh. Load it after compinit with: eval "$(skykeep completion zsh)"
${question('verbs', table.verbs)}
${question('flags', table.flags)}
${question('values', table.values)}
${question('args', table.args)}
_skykeep_candidates() {
  local -a found
  local line
  case "$1" in
    service|replica|version|operation)
      for line in "\${(@f)$("\${words[1]}" __complete "$1" "$2" 2>/dev/null)}"; do
        [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
      done
      _describe -t "$1" "$1" found ;;
    file) _files ;;
    folder) _files -/ ;;
    'one of: '*) found=(\${=1#one of: }); _describe -t values value found ;;
  esac
}

_skykeep() {
  local at='' value='' service='' word REPLY
  local -a reply
  local -i position=0 i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $value ]]; then value=''; continue; fi
    if [[ $word == -* ]]; then
      _skykeep_values "$at|$word"
      value=$REPLY
      continue
    fi
    _skykeep_verbs "$at"
    if [[ $position == 0 && -n \${(M)reply:#$word:*} ]]; then
      [[ $at == help* ]] || at="\${at:+$at }$word"
    else
      [[ $position == 0 ]] && service=$word
      position+=1
    fi
  done
  word=\${words[CURRENT]}
  if [[ -n $value ]]; then _skykeep_candidates "$value" "$service"; return; fi
  if [[ $word == --*=* ]]; then
    _skykeep_values "$at|\${word%%=*}"
    compset -P '*='
    _skykeep_candidates "$REPLY" "$service"
    return
  fi
  if [[ $word == -* ]]; then
    _skykeep_flags "$at"
    _describe -t options option reply
    return
  fi
  _skykeep_args "$at|$position"
  value=$REPLY
  if [[ $value == verb ]]; then
    at="\${(j: :)words[3,CURRENT-1]}"
  else
    _skykeep_candidates "$value" "$service"
  fi
  if [[ $position == 0 || $value == verb ]]; then
    _skykeep_verbs "$at"
    (( \${#reply} )) && _describe -t verbs verb reply
  fi
}

if [[ $funcstack[1] == _skykeep ]]; then _skykeep "$@"; else compdef _skykeep skykeep; fi
`
}
