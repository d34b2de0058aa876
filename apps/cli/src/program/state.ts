import { stateBackup, stateBackups, type StateBackupOptions } from '../commands/state-backup.ts'
import { stateMove, type StateMoveOptions } from '../commands/state-move.ts'
import {
  stateRestore,
  type StateRestoreOptions,
  stateVerify,
  type StateVerifyOptions,
} from '../commands/state-restore.ts'
import { stateRotateKey, type StateRotateKeyOptions } from '../commands/state-keys.ts'
import { stateDoctor, stateWhere } from '../commands/state.ts'
import { Option } from 'commander'
import { verbGroups, type AddVerbs, type Json } from './group.ts'

/** The persistent path, whether or not anything runs. */
export const addState: AddVerbs = (program, env, report) => {
  const state = program
    .command('state')
    .helpGroup(verbGroups.state)
    .description('the persistent path, whether or not anything runs')
  state
    .command('where')
    .description('where everything is')
    .answersJson('object', [
      'persistentPath',
      'origin',
      'configFile',
      'database',
      'isPathPresent',
      'holder',
      'processes',
    ])
    .example('skykeep state where', 'path, who named it, database, logs, keys, what runs')
    .action((options: Json) => report(stateWhere(env, options)))
  state
    .command('doctor')
    .description('examine the path: owner, modes, file system, space, locking, schema, keys')
    .option('--fix', 'mend owners and modes')
    .answersJson('list', ['name', 'status', 'detail'], 'fix where there is one')
    .detail('Exit code 1 when a check fails; a warning alone is 0.')
    .example('skykeep state doctor', 'each check with what to do')
    .example('skykeep state doctor --fix', 'mends what it may mend')
    .action(async (options: Json & { readonly fix?: boolean }) => report(await stateDoctor(env, options)))
  addBackups(state, env, report)
  state
    .command('move')
    .description('take the state to another path while services go on')
    .argument('<folder>', 'the new path: a folder that does not exist, or is empty')
    .option('--keep-old', 'leave the old files where they are')
    .answersJson('object', ['root', 'nodes', 'pausedMs', 'isConfigWritten'])
    .detail('Ended half-way, it leaves the state where it was; the same command goes on from there.')
    .example(
      'skykeep state move /data/skykeep',
      'onto another disk; `persistent_path` of config.yaml is rewritten',
    )
    .action(async (newPath: string, options: StateMoveOptions) =>
      report(await stateMove(env, newPath, options)),
    )
  state
    .command('rotate-key')
    .description('a new master key, and every secret under it, while everything goes on')
    .option('--drop-old', 'rotate nothing; drop old keys that no secret and no backup needs')
    .answersJson('object', ['version', 'encrypted', 'secrets', 'wasResumed'])
    .answersElse('with --drop-old', 'object', ['dropped', 'keys'])
    .example('skykeep state rotate-key', 'the old key stays for earlier backups')
    .example('skykeep state rotate-key --drop-old', 'removes keys that nothing needs any more')
    .action(async (options: StateRotateKeyOptions) => report(await stateRotateKey(env, options)))
}

const addBackups: AddVerbs = (state, env, report) => {
  state
    .command('backup')
    .description('back everything up while it goes on, but for keys and replicas')
    .option('--to <place>', 'a file, or a folder (default: backups/ of the path)')
    .option('--without-logs', 'leave logs out')
    .addOption(new Option('--with-keys', 'refused: a backup never holds its key').hideHelp())
    .addOption(askedBy())
    .answersJson('object', ['file', 'bytes', 'rows', 'files', 'removed', 'installationId', 'database'])
    .detail('In backups/ the newest stay, as many as `backup.keep` of config.yaml says.')
    .example('skykeep state backup', 'into backups/ of the persistent path')
    .example('skykeep state backup --to /mnt/backups', 'into another folder')
    .action(async (options: StateBackupOptions) => report(await stateBackup(env, options)))
  state
    .command('backups')
    .description('the backups of this path, newest first')
    .answersJson('list', ['file', 'bytes', 'head'])
    .example('skykeep state backups', 'when each was made, its size and its key')
    .action(async (options: Json) => report(await stateBackups(env, options)))
  state
    .command('verify')
    .description('prove a backup: every digest, and a restore into a temporary database')
    .argument('<file>', 'what `state backup` made')
    .option('--key-file <file>', 'the master key (default: the one of this path)')
    .addOption(askedBy())
    .answersJson('object', ['isIdentical', 'authenticity', 'differences', 'tables'])
    .example('skykeep state verify ~/.skykeep/backups/skykeep-….tar.zst', 'before you need it')
    .action(async (file: string, options: StateVerifyOptions) =>
      report(await stateVerify(env, file, options)),
    )
  state
    .command('restore')
    .description('restore a backup into a new place; touches nothing that runs')
    .argument('<file>', 'what `state backup` made')
    .requiredOption('--to <folder>', 'the new persistent path: a folder that does not exist, or is empty')
    .option('--database-url <url>', 'an empty PostgreSQL database (default: SQLite under the new path)')
    .option('--key-file <file>', 'the master key: proves the backup, and is copied to the new path')
    .answersJson('object', [
      'root',
      'database',
      'installationId',
      'epoch',
      'authenticity',
      'keys',
      'replacedTextIn',
    ])
    .example(
      'skykeep state restore backup.tar.zst --to /data/restored --key-file master.key',
      'then start it with SKYPILOT_PERSISTENT_PATH=/data/restored',
    )
    .action(async (file: string, options: StateRestoreOptions) =>
      report(await stateRestore(env, file, options)),
    )
}

/** Given by the dashboard, which starts the verb for a person. */
function askedBy(): Option {
  return new Option('--asked-by <uid>', 'the user whose wish it is').hideHelp()
}
