# stop.sh RUNTIME JOB GRACE_MS: one step towards the end of a job; prints how many of its processes are left.
# The job's processes are those of its session and those that carry its mark (children that called setsid).
runtime=$1 job=$2 grace_ms=$3
. "$runtime/job-state.sh"
dir="$jobs/$job"
boot=$(boot_id)
if ! read_claim "$dir"; then
  echo left=0
  exit 0
fi

now_ms() {
  IFS=' .' read -r seconds hundredths rest </proc/uptime
  echo $((seconds * 1000 + (1$hundredths - 100) * 10))
}

# Sets `members` to the job's processes without its supervisor, and `supervisor` to 1 while that lives.
find_members() {
  members= supervisor=0
  session=$job_pid
  # After a reboot, or when the leader's number belongs to a later process, the session's number means nothing.
  if [ "$job_boot" != "$boot" ]; then
    session=none
  elif read_process "$job_pid"; then
    if [ "$p_start" = "$job_start" ]; then supervisor=1; else session=none; fi
  fi
  for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    if [ "$pid" != "$job_pid" ] && read_process "$pid" && [ "$p_session" = "$session" ]; then members="$members $pid"; fi
  done
  for path in $(grep -lF "SKYKEEP_JOB=$job@${SKYKEEP_NODE-}:" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${path#/proc/}
    pid=${pid%/environ}
    case "$members " in
    *" $pid "*) ;;
    *) if read_process "$pid"; then members="$members $pid"; fi ;;
    esac
  done
}

signal_members() {
  for pid in $members; do kill "-$1" "$pid" 2>/dev/null; done
}

is_over() {
  [ $(($(now_ms) - stop_ms)) -ge "$grace_ms" ]
}

find_members
if [ ! -e "$dir/stop" ]; then
  word=asked
  if [ -e "$dir/exit" ]; then word=late; fi
  write_whole "$dir/stop" "$word $boot $(now_ms)" || exit 1
  # Found again: what was born between the look and the mark runs on otherwise.
  find_members
  if [ "$grace_ms" -gt 0 ]; then signal_members TERM; fi
fi
read -r word stop_boot stop_ms <"$dir/stop"
[ "$stop_boot" = "$boot" ] || stop_ms=0

tries=0
while [ -n "$members" ] || [ $supervisor -eq 1 ]; do
  if is_over; then
    signal_members KILL
    # The supervisor ends by itself once its phase has; where it cannot (SIGSTOP), it is ended.
    if [ -z "$members" ] && [ $tries -ge 10 ] && is_same "$job_pid" "$job_start" "$job_boot"; then kill -KILL "$job_pid"; fi
  fi
  [ $tries -lt 20 ] || break
  tries=$((tries + 1))
  pause
  find_members
done
count=$supervisor
for pid in $members; do count=$((count + 1)); done
echo "left=$count"
