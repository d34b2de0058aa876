#!/usr/bin/env node
console.error('Skykeep writes and applies its own migrations: npm run migrate:new -w @skykeep/db -- NAME')
process.exit(1)
