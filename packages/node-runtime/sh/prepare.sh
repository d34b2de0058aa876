# prepare.sh RUNTIME JOB: prints `claimed`, or `stage PATH` of a fresh folder for what the job needs.
. "$1/job-state.sh"
dir="$jobs/$2"
mkdir -p "$dir" || exit 1
if [ -e "$dir/claim" ]; then
  echo claimed
  exit 0
fi
read_process $$ || exit 1
stage="$dir/stage.$$.$p_start"
mkdir "$stage" || exit 1
echo "stage $stage"
