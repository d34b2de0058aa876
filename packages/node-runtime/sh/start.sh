# start.sh RUNTIME JOB STAGE CAP RESERVE: keeps standard input as the job's phases, starts the payload in a session of its
# own and waits until the claim is decided. The payload claims, not this script: so a claim always names a process.
runtime=$1 job=$2 stage=$3
. "$runtime/job-state.sh"
dir="$jobs/$job"

launch() {
  env -i HOME="$HOME" PATH="$PATH" TMPDIR="${TMPDIR:-/tmp}" ${SKYKEEP_NODE:+SKYKEEP_NODE="$SKYKEEP_NODE"} \
    setsid "$@" </dev/null >/dev/null 2>"$stage/error"
}

if [ ! -e "$dir/claim" ]; then
  cat >"$stage/phases.sh" || exit 1
  # A shell's background command ignores SIGINT for ever (POSIX), and so would the job: setsid forks where it can.
  if setsid --help 2>&1 | grep -q -e --fork; then
    launch --fork /bin/sh "$runtime/supervise.sh" "$@"
  else
    launch /bin/sh "$runtime/supervise.sh" "$@" &
  fi
  tries=0
  while [ ! -e "$dir/claim" ] && [ $tries -lt 500 ]; do
    tries=$((tries + 1))
    pause
  done
fi
if [ ! -e "$dir/claim" ]; then
  echo "the job's supervisor did not start: $(cat "$stage/error" 2>/dev/null)" >&2
  exit 1
fi
exec /bin/sh "$runtime/describe.sh" "$runtime" "$job"
