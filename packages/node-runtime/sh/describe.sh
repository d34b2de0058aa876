# describe.sh RUNTIME [JOB]: one line a job; without a name, every job of the node. Starts a job's log pump again if need be.
runtime=$1
. "$runtime/job-state.sh"
boot=$(boot_id)

describe() {
  dir="$jobs/$1"
  read_claim "$dir" || return 0
  alive=0 code= phase= stop=
  # Before the exit code: a process that is seen dead has written it.
  if is_same "$job_pid" "$job_start" "$job_boot"; then alive=1; fi
  if [ -e "$dir/exit" ]; then read -r code <"$dir/exit"; fi
  if [ -e "$dir/phase" ]; then read -r phase <"$dir/phase"; fi
  if [ -e "$dir/stop" ]; then read -r stop rest <"$dir/stop"; fi
  if [ ! -e "$dir/log/end" ] && ! has_pump "$dir"; then
    if [ $alive -eq 1 ] && [ -e "$dir/log.fifo" ]; then
      setsid /bin/sh "$runtime/pump.sh" "$runtime" "$dir" </dev/null >/dev/null 2>&1 &
    elif [ $alive -eq 0 ] && [ -d "$dir/log" ]; then
      write_whole "$dir/log/end" 0
    fi
  fi
  echo "job id=$1 pid=$job_pid start=$job_start boot=$job_boot started=$job_started alive=$alive code=$code phase=$phase stop=$stop now=$boot"
}

if [ $# -gt 1 ]; then
  describe "$2"
else
  for path in "$jobs"/*/; do
    path=${path%/}
    describe "${path##*/}"
  done
fi
exit 0
