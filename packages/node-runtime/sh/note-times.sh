# note-times.sh RUNTIME DIR PUMP END: notes in log/times when the output came, as `SECONDS OFFSET`: at that second since 1970 the log
# had reached that offset. Looks once a second while there is output and up to 30 times less often while there is none; a look costs
# one sleep. Ends with the pump.
runtime=$1 dir=$2 pump=$3 seen=$4
. "$runtime/job-state.sh"
read_process "$pump" || exit 1
pump_start=$p_start
times="$dir/log/times"
note_time "$times" "$seen"
every=1
while sleep $every; do
  read_process "$pump" && [ "$p_start" = "$pump_start" ] || exit 0
  # /proc tells how far the writer is without starting a process (proc(5), fdinfo).
  { read -r writer at <"$dir/pump.now" && read -r word pos <"/proc/$writer/fdinfo/1"; } 2>/dev/null || continue
  now=$((at + pos))
  if [ "$now" -gt "$seen" ]; then
    # What came before the last look stays apart from what came after a silence.
    [ $every -eq 1 ] || note_time "$times" "$seen" $every
    note_time "$times" "$now"
    seen=$now
    every=$(((every + 1) / 2))
  elif [ $every -lt 30 ]; then
    every=$((every * 2 < 30 ? every * 2 : 30))
  fi
done
