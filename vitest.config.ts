import { defineConfig } from 'vitest/config'

const packages = ['packages/*/test/**/*.test.ts', 'packages/providers/*/test/**/*.test.ts']
const apps = ['apps/*/test/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'packages', include: packages, maxWorkers: 2 } },
      // Process tests load the machine: one file after the other.
      {
        extends: true,
        test: { name: 'processes', include: apps, fileParallelism: false, testTimeout: 180_000 },
      },
    ],
  },
})
