import path from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'standalone',
  distDir: process.env['SKYKEEP_DIST_DIR'] ?? '.next',
  outputFileTracingRoot: path.join(import.meta.dirname, '../..'),
  turbopack: { root: path.join(import.meta.dirname, '../..') },
  transpilePackages: [
    '@skykeep/actions',
    '@skykeep/api',
    '@skykeep/auth',
    '@skykeep/core',
    '@skykeep/db',
    '@skykeep/logs',
    '@skykeep/persistent-path',
    '@skykeep/secrets',
    '@skykeep/serving',
    '@skykeep/spec',
    '@skykeep/state',
    '@skykeep/telemetry',
  ],
  serverExternalPackages: [
    'better-sqlite3',
    '@prisma/client',
    '@prisma/adapter-better-sqlite3',
    '@prisma/adapter-pg',
    'pg',
    'pino',
    'prom-client',
  ],
  images: { unoptimized: true },
  // Types are a check of their own (`npm test`): a start does not wait for it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // No server renders its own cache to disk: nothing may be written outside the persistent path.
  cacheMaxMemorySize: 0,
}
export default config
