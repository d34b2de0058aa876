# Read by the other scripts. POSIX sh; needs /proc (Linux).
umask 077
jobs="$HOME/.skykeep/jobs"

# Sets p_state, p_session and p_start of a living process; fails when it is gone or a zombie (proc(5), stat).
read_process() {
  p_line=
  while IFS= read -r p_part; do p_line="$p_line $p_part"; done 2>/dev/null <"/proc/$1/stat" || return 1
  case "$p_line" in *') '*) ;; *) return 1 ;; esac
  # Unquoted on purpose: the fields after the name are numbers, to be split.
  set -- ${p_line##*) }
  p_state=$1 p_session=$4 p_start=${20}
  case "$p_state" in Z | X) return 1 ;; esac
}

# is_same PID START BOOT: true while that very process lives.
is_same() {
  [ "$3" = "$(boot_id)" ] && read_process "$1" && [ "$p_start" = "$2" ]
}

# Of the machine, or of the container that this is: `bootIdOf` of core says why. To be called in a subshell.
boot_id() {
  IFS= read -r b_line </proc/sys/kernel/random/boot_id || return 1
  b_second=
  IFS= read -r b_second 2>/dev/null </proc/2/comm
  if [ "$b_second" != kthreadd ] && read_process 1; then b_line="$b_line@$p_start"; fi
  printf '%s' "$b_line"
}

# Sets job_pid, job_start, job_boot, job_started and job_stage from a job's claim; fails when there is none.
read_claim() {
  [ -e "$1/claim" ] && read -r job_pid job_start job_boot job_started job_stage <"$1/claim"
}

# write_whole FILE TEXT: the file appears whole.
write_whole() {
  printf '%s\n' "$2" >"$1.new.$$" && mv "$1.new.$$" "$1"
}

# Sets `turn` to the first number that no log pump has claimed; true when the pump of the number before lives.
has_pump() {
  turn=0
  while [ -e "$1/pump.$turn" ]; do turn=$((turn + 1)); done
  [ $turn -gt 0 ] && read -r pump_pid pump_start pump_boot <"$1/pump.$((turn - 1))" &&
    is_same "$pump_pid" "$pump_start" "$pump_boot"
}

# Sets `at` to the offset that a segment's name says.
read_offset() {
  at=${1##*/}
  at=${at%.seg}
  at=${at#"${at%%[!0]*}"}
  at=${at:-0}
}

size_of() {
  wc -c <"$1" 2>/dev/null | tr -d ' '
}

# note_time FILE OFFSET [AGO]: adds a line; at 4,096 lines every second one goes, so that the file stays small.
note_time() {
  n_line="$(($(date +%s) - ${3:-0})) $2"
  [ "$n_line" != "$n_last" ] || return 0
  n_last=$n_line
  printf '%s\n' "$n_line" >>"$1" || return 0
  n_count=$((${n_count:-$(wc -l <"$1")} + 1))
  [ $n_count -ge 4096 ] || return 0
  awk 'NR % 2 == 0' "$1" >"$1.new.$$" && mv "$1.new.$$" "$1" && n_count=2048
}

pause() {
  sleep 0.02 2>/dev/null || sleep 1
}
