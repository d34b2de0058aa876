#!/usr/bin/env node
process.stderr.write(
  'Skykeep writes and applies its own migrations: npm run migrate:new -w @skykeep/db -- NAME\n',
)
process.exit(1)
