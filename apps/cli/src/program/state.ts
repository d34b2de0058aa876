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
import type { AddVerbs, Json } from './group.ts'

/** The persistent path, whether or not anything runs. */
export const addState: AddVerbs = (program, env, report) => {
  const state = program.command('state').description('the persistent path, whether or not anything runs')
  state
    .command('where')
    .description('where everything is')
    .option('--json', 'print as JSON')
    .action((options: Json) => report(stateWhere(env, options)))
  state
    .command('doctor')
    .description('examine the path: owner, modes, file system, space, locking, schema, keys')
    .option('--fix', 'mend owners and modes')
    .option('--json', 'print as JSON')
    .action(async (options: Json & { readonly fix?: boolean }) => report(await stateDoctor(env, options)))
  addBackups(state, env, report)
  state
    .command('move')
    .description('take the state to another path while services go on')
    .argument('<newpath>', 'a folder that does not exist, or is empty')
    .option('--keep-old', 'leave the old files where they are')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep state move /data/skykeep')
    .action(async (newPath: string, options: StateMoveOptions) =>
      report(await stateMove(env, newPath, options)),
    )
  state
    .command('rotate-key')
    .description('a new master key, and every secret under it, while everything goes on')
    .option('--drop-old', 'rotate nothing; drop old keys that no secret and no backup needs')
    .option('--json', 'print the answer as JSON')
    .action(async (options: StateRotateKeyOptions) => report(await stateRotateKey(env, options)))
}

const addBackups: AddVerbs = (state, env, report) => {
  state
    .command('backup')
    .description('back everything up while it goes on, but for keys and replicas')
    .option('--to <place>', 'a file, or a folder (backups/ of the path)')
    .option('--without-logs', 'leave logs out')
    .option('--with-keys', 'refused: a backup never holds its key')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep state backup --to /mnt/backups')
    .action(async (options: StateBackupOptions) => report(await stateBackup(env, options)))
  state
    .command('backups')
    .description('the backups of this path, newest first')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await stateBackups(env, options)))
  state
    .command('verify')
    .description('prove a backup: every digest, and a restore into a temporary database')
    .argument('<file>', 'what `state backup` made')
    .option('--key-file <file>', 'the master key, where it is not the one of this path')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep state verify ~/.skykeep/backups/skykeep-….tar.zst')
    .action(async (file: string, options: StateVerifyOptions) =>
      report(await stateVerify(env, file, options)),
    )
  state
    .command('restore')
    .description('restore a backup into a new place; touches nothing that runs')
    .argument('<file>', 'what `state backup` made')
    .requiredOption('--to <path>', 'the new persistent path: a folder that does not exist, or is empty')
    .option('--database-url <url>', 'an empty PostgreSQL database (SQLite under the new path)')
    .option('--key-file <file>', 'the master key: proves the backup, and is copied to the new path')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep state restore FILE --to /data/restored --key-file master.key')
    .action(async (file: string, options: StateRestoreOptions) =>
      report(await stateRestore(env, file, options)),
    )
}
