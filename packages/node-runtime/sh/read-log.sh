# read-log.sh RUNTIME JOB OFFSET LIMIT: one line `first= offset= ended=`, then the bytes, of one segment at most.
runtime=$1 job=$2 offset=$3 limit=$4
. "$runtime/job-state.sh"
log="$jobs/$job/log"
# Looked at before the segments, so that an end that is seen is the end of what is read.
ended=0
if [ ! -d "$log" ] || [ -e "$log/end" ]; then ended=1; fi

first= segment= segment_at=0 next= next_at=0
for path in "$log"/*.seg; do
  [ -e "$path" ] || continue
  read_offset "$path"
  first=${first:-$at}
  if [ -z "$segment" ] || [ "$at" -le "$offset" ]; then
    segment=$path segment_at=$at next=
  elif [ -z "$next" ]; then
    next=$path next_at=$at
  fi
done
if [ -z "$segment" ]; then
  echo "first=0 offset=$offset ended=$ended"
  exit 0
fi
size=$(size_of "$segment")
if [ -n "$next" ] && [ "$offset" -ge $((segment_at + ${size:-0})) ]; then
  segment=$next segment_at=$next_at
  size=$(size_of "$segment")
  next=more
fi
[ "$offset" -ge "$segment_at" ] || offset=$segment_at
count=$((segment_at + ${size:-0} - offset))
[ $count -gt 0 ] || count=0
if [ $count -gt "$limit" ]; then
  count=$limit
  ended=0
fi
# What follows the segment is read by the next call.
[ -z "$next" ] || ended=0
echo "first=$first offset=$offset ended=$ended"
[ $count -eq 0 ] || tail -c "+$((offset - segment_at + 1))" "$segment" | head -c "$count"
