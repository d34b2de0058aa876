#!/bin/sh
# The life of a service with curl: up, wait, ask, update, roll back, list events, down.
# SKYKEEP is the dashboard's address, TOKEN a token of `skykeep token create NAME`.
set -eu
: "${SKYKEEP:?the address of the dashboard, such as http://127.0.0.1:46580}"
: "${TOKEN:?a token, such as that of: skykeep token create curl}"
cd "$(dirname "$0")"
api="$SKYKEEP/api/v1"
name=api-example

# The token goes in a file that only you read: no list of processes shows it.
folder=$(mktemp -d)
watcher=
trap '[ -z "$watcher" ] || kill "$watcher"; rm -rf "$folder"' EXIT
printf 'authorization: Bearer %s\n' "$TOKEN" >"$folder/token"
call() { curl -sS --fail-with-body -H "@$folder/token" "$@"; }

# The first text or number of that name in a JSON answer on standard input.
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

# Waits until a line like this stands in what is watched.
seen() {
  until grep -q "$1" "$folder/events"; do
    if grep '"kind":"operation".*"to":"FAILED"' "$folder/events"; then exit 1; fi
    kill -0 "$watcher"
    sleep 0.2
  done
}

# Asks until the answer is this one: for a moment the gateway may not know a new replica, or an old one may still answer.
says() {
  until [ "$(curl -sS "$endpoint")" = "$1" ]; do sleep 0.2; done
  echo "$1"
}

echo "== watch, from the last event on"
since=$(call "$api/events?limit=1" | field seq)
curl -sSN -H "@$folder/token" -H "last-event-id: ${since:-0}" "$api/watch?service=$name" >"$folder/events" &
watcher=$!

echo "== up"
up=$(call "$api/services" -H 'content-type: application/yaml' --data-binary @greeting.yml)
echo "$up"
seen '"kind":"service".*"to":"READY"'
endpoint=$(echo "$up" | field endpointUrl)
says "Hello"

echo "== update"
update=$(sed 's/Hello/Good morning/' greeting.yml |
  call "$api/services/$name/versions" -H 'content-type: application/yaml' --data-binary @-)
echo "$update"
seen "\"uid\":\"$(echo "$update" | field operationUid)\".*\"to\":\"SUCCEEDED\""
says "Good morning"

echo "== roll back"
back=$(call "$api/services/$name/rollback" -H 'content-type: application/json' -d '{"to": 1}')
echo "$back"
seen "\"uid\":\"$(echo "$back" | field operationUid)\".*\"to\":\"SUCCEEDED\""
says "Hello"

echo "== the last three events"
call "$api/events?service=$name&limit=3"
echo

echo "== down"
down=$(call -X DELETE "$api/services/$name")
echo "$down"
seen "\"uid\":\"$(echo "$down" | field operationUid)\".*\"to\":\"SUCCEEDED\""
echo "nothing of $name is left"
