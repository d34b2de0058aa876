import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { StateKeeper, StateWork, StoredBackup } from '@skykeep/actions/state-keeper'
import { SkykeepError } from '@skykeep/core/errors'
import type { DoctorView, FindingView, StateWorkView } from '@skykeep/core/state-views'
import { configDefaults } from '@skykeep/persistent-path/config-keys'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'
import { listBackups, type ListedBackup } from '@skykeep/state/backup/backup-files'
import type { Check } from '@skykeep/state/check'
import { partSizes, walBytesOf } from '@skykeep/state/sizes'
import { workOn } from '@skykeep/state/work'
import type { WebEnv } from './env.ts'
import { remembered } from './remembered.ts'
import { startTool, toolOutput, type ToolHome } from './tool-process.ts'

/** Ask again within this time, and the last answer is given. */
const findingsFreshMs = 10_000
const sizesFreshMs = 30_000
const examineMs = 60_000

/**
 * Reads what stands in the persistent path. What blocks is left to the command line of this build: an examination, a backup, a check of
 * one.
 */
export function createStateKeeper(
  home: ToolHome,
  { retention, masterKey, toolEnvironment }: Pick<WebEnv, 'retention' | 'masterKey' | 'toolEnvironment'>,
): StateKeeper {
  const { layout } = home
  /** Processes that were begun here and may have left no trace on the disk yet. */
  const begun = new Map<number, StateWorkView>()
  return {
    examine: remembered(findingsFreshMs, () => examine(home)),
    sizes: remembered(
      sizesFreshMs,
      async () => ({
        atMs: Date.now(),
        walBytes: await walBytesOf(layout.stateDb),
        parts: await partSizes(layout),
      }),
      // A backup that was made is looked for at once.
      () => statSync(layout.backupsDir, { throwIfNoEntry: false })?.mtimeMs,
    ),
    backups: async () => (await listBackups(layout.backupsDir)).flatMap(storedBackup),
    work: () => {
      const seen = [...workOn(layout), ...begun.values()]
      return [...new Map(seen.map((work) => [work.pid, work])).values()]
    },
    begin: async (work) => {
      const child = await startTool(home, work.kind, argumentsOf(work, layout.backupsDir))
      const { pid } = child
      if (pid === undefined) return
      begun.set(pid, { kind: work.kind, pid })
      child.once('exit', () => begun.delete(pid))
    },
    backupsFolder: layout.backupsDir,
    backupsKept: () => backupsKept(toolEnvironment),
    limits: retention,
    keyPlace:
      masterKey === undefined
        ? { source: 'file', place: layout.masterKey }
        : { source: 'environment', place: 'SKYKEEP_MASTER_KEY' },
  }
}

function argumentsOf(work: StateWork, backupsDir: string): readonly string[] {
  const rest = ['--json', '--asked-by', work.askedBy]
  return work.kind === 'backup'
    ? ['state', 'backup', ...rest]
    : ['state', 'verify', path.join(backupsDir, work.backup), ...rest]
}

async function examine(home: ToolHome): Promise<DoctorView> {
  try {
    const text = await toolOutput(home, ['state', 'doctor', '--json'], examineMs)
    // Of the very build that this process is of.
    const checks = JSON.parse(text) as readonly Check[]
    return { atMs: Date.now(), findings: checks.map(toFinding) }
  } catch (cause) {
    throw new SkykeepError('UNAVAILABLE', 'the path could not be examined', {
      userMessage: 'The state could not be examined from here.',
      hint: 'Run `skykeep state doctor` in a terminal on this machine.',
      cause,
    })
  }
}

function toFinding({ name, status, detail, fix }: Check): FindingView {
  return { name, status, detail, fix: fix ?? null }
}

function storedBackup({ file, bytes, head }: ListedBackup): readonly StoredBackup[] {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined) return []
  return [
    {
      name: path.basename(file),
      bytes,
      modifiedAtMs: Math.trunc(stats.mtimeMs),
      createdAtMs: head?.createdAtMs ?? null,
      program: head?.program ?? '',
      hasLogs: head?.hasLogs ?? false,
      keyVersion: head?.keyVersion ?? null,
    },
  ]
}

/** As the command line reads it when it makes a backup. */
function backupsKept(environment: WebEnv['toolEnvironment']): number {
  try {
    const { config } = resolvePersistentPath(environment, environment['HOME'] ?? homedir())
    return config.backupsKept ?? configDefaults.backupsKept
  } catch {
    return configDefaults.backupsKept
  }
}
