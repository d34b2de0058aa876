#!/bin/sh
# Verbs on the control plane of skykeep.service: as its user, with its path, config.yaml and build.
build="$(readlink -f /opt/skykeep/.build/current)" || exit
exec sudo -u skykeep env \
  SKYPILOT_PERSISTENT_PATH=/var/lib/skykeep \
  SKYKEEP_CONFIG=/etc/skykeep/config.yaml \
  SKYKEEP_BUILD="$build" \
  "$build/node" "$build/cli.mjs" "$@"
