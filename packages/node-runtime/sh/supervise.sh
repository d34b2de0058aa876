# supervise.sh RUNTIME JOB STAGE CAP RESERVE: the job's own process, leader of its session. Claims the job, runs its phases
# and writes down how they ended. SIGTERM is for the phases; only SIGKILL ends this one early (the job is then LOST).
runtime=$1 job=$2 stage=$3 cap=$4 reserve=$5
. "$runtime/job-state.sh"
dir="$jobs/$job"
trap : TERM INT HUP USR1 USR2

read_process $$ || exit 1
printf '%s %s %s %s %s\n' "$$" "$p_start" "$(boot_id)" "$(date +%s)" "$stage" >"$stage/identity"
# link(2) is atomic as mkdir is, and the claim is never without its owner.
if ! ln "$stage/identity" "$dir/claim" 2>/dev/null; then
  rm -rf "$stage"
  exit 0
fi

# The claim is won: nothing below runs twice.
# Starts the log pump where none lives, and waits until it reads: output that nobody reads is gone with this process.
ensure_pump() {
  has_pump "$dir" && return
  setsid /bin/sh "$runtime/pump.sh" "$runtime" "$dir" 3>&- </dev/null >/dev/null 2>&1 &
  tries=0
  while [ ! -e "$dir/pump.$turn" ] && [ $tries -lt 250 ]; do
    tries=$((tries + 1))
    pause
  done
}

end_with() {
  ensure_pump
  write_whole "$dir/exit" "$1"
  rm -rf "$stage"
  exit 0
}

mkdir -p "$dir/log" && printf '%s %s\n' "$cap" "$reserve" >"$dir/log-limits" && mkfifo "$dir/log.fifo" || exit 1
# Held open for reading too: without a pump the job's writes wait (64 KiB) instead of ending it by SIGPIPE.
exec 3<>"$dir/log.fifo"
ensure_pump

. "$stage/phases.sh"
rm -f "$stage/phases.sh"
write_whole "$dir/phase" setup
if [ -d "$stage/workdir" ] && [ ! -e "$HOME/sky_workdir" ]; then
  mv "$stage/workdir" "$HOME/sky_workdir" 2>&3 || end_with 1
elif [ -d "$stage/workdir" ]; then
  cp -R "$stage/workdir/." "$HOME/sky_workdir/" 2>&3 || end_with 1
else
  mkdir -p "$HOME/sky_workdir" 2>&3 || end_with 1
fi

shell=$(command -v bash || echo /bin/sh)
for phase in setup run; do
  [ -e "$stage/$phase" ] || continue
  [ ! -e "$dir/stop" ] || end_with 143
  write_whole "$dir/phase" "$phase"
  # In the stage and by its bare name, so that the shell's own errors read `setup: line 2: …`.
  (cd "$stage" && SKYKEEP_JOB="$job@${SKYKEEP_NODE-}:" exec "$shell" -l "$phase" >"$dir/log.fifo" 2>&1 3>&- </dev/null)
  code=$?
  [ $code -eq 0 ] || break
done
end_with $code
