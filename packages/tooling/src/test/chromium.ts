import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { runCommand } from './run-command.ts'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of a Chromium that the machine has, or that could be installed; undefined where neither is so. */
export async function findOrInstallChromium(): Promise<string | undefined> {
  const found = find()
  if (found !== undefined) return found
  if (process.getuid?.() === 0) {
    await runCommand('apt-get', ['update', '-q'])
    await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  if (find() === undefined) await runCommand('playwright', ['install', 'chromium'])
  return find()
}

function find(): string | undefined {
  const named = process.env['CHROMIUM']
  return [...(named === undefined ? [] : [named]), ...usual, chromium.executablePath()].find((file) =>
    existsSync(file),
  )
}
