# pump.sh RUNTIME DIR: moves the job's output into log/<global offset>.seg of at most 1 MiB each, drops the oldest beyond the
# cap, and notes in log/times when output came. Outlives the control plane; when it is killed, describe.sh starts another, which
# goes on at the same offset.
runtime=$1 dir=$2
. "$runtime/job-state.sh"
trap '' TERM INT HUP
read -r cap reserve <"$dir/log-limits" || exit 1

# Opened both ways first, so that the opening cannot wait for a writer that is gone.
exec 4<>"$dir/log.fifo" 5<"$dir/log.fifo" 4>&-

# One pump at a time: the n-th is claimed as the job is.
read_process $$ || exit 1
printf '%s %s %s\n' "$$" "$p_start" "$(boot_id)" >"$dir/pump.me.$$"
if has_pump "$dir" || ! ln "$dir/pump.me.$$" "$dir/pump.$turn" 2>/dev/null; then
  rm -f "$dir/pump.me.$$"
  exit 0
fi
rm -f "$dir/pump.me.$$"

# A killed pump may have left the dd that reads for it: two readers would tear the log apart.
if [ $turn -gt 0 ] && [ "$pump_boot" = "$(boot_id)" ] && ! read_process "$pump_pid"; then
  for path in /proc/[0-9]*; do
    if read_process "${path#/proc/}" && [ "$p_session" = "$pump_pid" ]; then kill -KILL "${path#/proc/}"; fi
  done
fi

has_room() {
  free=$(df -Pk "$dir/log" 2>/dev/null | tail -n 1 | awk '{ print $4 }')
  [ -z "$free" ] || [ "$free" -gt $((reserve / 1024)) ]
}

# Keeps the newest segments: what is left, the next one and the times are within the cap.
prune() {
  for old in "$dir"/log/*.seg; do
    read_offset "$old"
    [ $((end - at)) -gt $((cap - 1048576 - 262144)) ] || return 0
    rm -f "$old"
  done
}

end=0
if [ -e "$dir/log/dropped" ]; then read -r end <"$dir/log/dropped"; fi
for segment in "$dir"/log/*.seg; do
  [ -e "$segment" ] || continue
  read_offset "$segment"
  at=$((at + $(size_of "$segment")))
  [ $at -le $end ] || end=$at
done

/bin/sh "$runtime/note-times.sh" "$runtime" "$dir" "$$" "$end" </dev/null >/dev/null 2>&1 5<&- &
noting=$!

can_write=1
while :; do
  if [ $can_write -eq 1 ] && has_room; then
    segment="$dir/log/$(printf '%020d' "$end").seg"
    # Each read is written at once and counts as a block: a segment holds 1,024 writes of the job, at most 1 MiB.
    dd bs=1024 count=1024 of="$segment" <&5 2>/dev/null &
    # What the times are read from: which process writes now, and where it began.
    printf '%s %s\n' $! "$end" >"$dir/pump.now"
    wait $!
    result=$?
    size=$(size_of "$segment")
    size=${size:-0}
    end=$((end + size))
    if [ "$size" -eq 0 ]; then
      rm -f "$segment"
      if [ $result -eq 0 ]; then break; fi
    fi
    # 1: the write failed (disk full). More than 128: something killed dd, and the next one goes on.
    if [ $result -eq 1 ]; then can_write=0; fi
    prune
  else
    # What cannot be kept is read and dropped, because a full pipe would stop the job.
    dropped=$(dd bs=1024 count=64 <&5 2>/dev/null | wc -c | tr -d ' ')
    if [ "$dropped" -eq 0 ]; then break; fi
    end=$((end + dropped))
    write_whole "$dir/log/dropped" "$end" 2>/dev/null
    can_write=1
  fi
done
kill -KILL $noting 2>/dev/null
note_time "$dir/log/times" "$end"
write_whole "$dir/log/end" "$end"
