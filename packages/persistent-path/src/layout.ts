import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'

/** Every place under the persistent path. Nobody else builds a path from strings. */
export interface Layout {
  readonly root: string
  /** SQLite database; absent when `database.url` names PostgreSQL. */
  readonly stateDb: string
  readonly keysDir: string
  /** 32 bytes, base64, 0600. */
  readonly masterKey: string
  /** HMAC key of the route snapshot: 32 bytes, hex, 0600. */
  readonly gatewayKey: string
  /** Bearer token of the command line on this machine, 0600. */
  readonly localToken: string
  readonly logsDir: string
  readonly operationLogsDir: string
  readonly serviceLogsRootDir: string
  readonly processLogsDir: string
  readonly accessLogsDir: string
  readonly gatewayDir: string
  /** Last good route snapshot. */
  readonly routesFile: string
  readonly gatewayJournalsDir: string
  readonly runtimeDir: string
  /** SQLite file that is used only for its kernel lock. */
  readonly lockDb: string
  /** SQLite file that is used only for its kernel lock: which gateway process leads. */
  readonly gatewayLock: string
  /** Who holds the instance lock, and its heartbeat counter. */
  readonly holderFile: string
  readonly fenceFile: string
  readonly reserveFile: string
  readonly processesDir: string
  readonly supervisorSocket: string
  readonly localDir: string
  readonly versionsDir: string
  readonly uploadsDir: string
  readonly cacheDir: string
  readonly tmpDir: string
  readonly backupsDir: string
  /** Which installation the path belongs to, and its epoch. */
  readonly installationFile: string
  /** There while a restore or a move fills the path: what is in it is not whole yet. */
  readonly incomingFile: string
  /** What a move of this path is about to do; there while one is under way. */
  readonly moveFile: string
  /** Where the state went: nothing may start here any more. */
  readonly movedFile: string
  /** Log of one operation. */
  operationLog(operationUid: string): string
  /** Folder of the logs of one service (its controller's and its replicas'). */
  serviceLogsDir(serviceUid: string): string
  /** Log of one of our own processes. */
  processLog(processName: string): string
  /** Access log of one gateway process: JSON lines. */
  accessLog(processName: string): string
  /** Runtime record of one of our own processes. */
  processFile(processName: string): string
  /** Control socket of one of our own processes. */
  socket(processName: string): string
  /** Journal folder of one gateway process. */
  gatewayJournalDir(slot: number): string
  /** Folder of one node of the `local` infra. */
  localNodeDir(nodeId: string): string
  /** All versions of one service. */
  serviceVersionsDir(serviceUid: string): string
  /** Immutable copy of one version of a service. */
  versionDir(serviceUid: string, version: number): string
}

/**
 * The layout under an absolute, resolved root. Pure: touches no disk. Names that become a path segment may hold only letters, digits,
 * dot, dash and underscore and must not start with a dot; anything else throws INVALID_INPUT.
 */
export function layoutOf(root: string): Layout {
  const at = (...segments: readonly string[]): string => join(root, ...segments)
  return {
    root,
    stateDb: at('state.db'),
    keysDir: at('keys'),
    masterKey: at('keys', 'master.key'),
    gatewayKey: at('keys', 'gateway.key'),
    localToken: at('keys', 'local-token'),
    logsDir: at('logs'),
    operationLogsDir: at('logs', 'operations'),
    serviceLogsRootDir: at('logs', 'services'),
    processLogsDir: at('logs', 'processes'),
    accessLogsDir: at('logs', 'access'),
    gatewayDir: at('gateway'),
    routesFile: at('gateway', 'routes.json'),
    gatewayJournalsDir: at('gateway', 'journals'),
    runtimeDir: at('runtime'),
    lockDb: at('runtime', 'lock.db'),
    gatewayLock: at('runtime', 'gateway-lock.db'),
    holderFile: at('runtime', 'holder.json'),
    fenceFile: at('runtime', 'fence'),
    reserveFile: at('runtime', 'reserve'),
    processesDir: at('runtime', 'processes'),
    supervisorSocket: at('runtime', 'supervisor.sock'),
    localDir: at('local'),
    versionsDir: at('versions'),
    uploadsDir: at('uploads'),
    cacheDir: at('cache'),
    tmpDir: at('tmp'),
    backupsDir: at('backups'),
    installationFile: at('installation.json'),
    incomingFile: at('incoming.json'),
    moveFile: at('move.json'),
    movedFile: at('moved.json'),
    operationLog: (operationUid) => at('logs', 'operations', `${segment(operationUid)}.log`),
    serviceLogsDir: (serviceUid) => at('logs', 'services', segment(serviceUid)),
    processLog: (processName) => at('logs', 'processes', `${segment(processName)}.log`),
    accessLog: (processName) => at('logs', 'access', `${segment(processName)}.jsonl`),
    processFile: (processName) => at('runtime', 'processes', `${segment(processName)}.json`),
    socket: (processName) => at('runtime', `${segment(processName)}.sock`),
    gatewayJournalDir: (slot) => at('gateway', 'journals', segment(String(slot))),
    localNodeDir: (nodeId) => at('local', segment(nodeId)),
    serviceVersionsDir: (serviceUid) => at('versions', segment(serviceUid)),
    versionDir: (serviceUid, version) => at('versions', segment(serviceUid), segment(String(version))),
  }
}

/** The folders that exist on every prepared path, parents first. */
export function foldersOf(layout: Layout): readonly string[] {
  return [
    layout.root,
    layout.keysDir,
    layout.logsDir,
    layout.operationLogsDir,
    layout.serviceLogsRootDir,
    layout.processLogsDir,
    layout.accessLogsDir,
    layout.gatewayDir,
    layout.gatewayJournalsDir,
    layout.runtimeDir,
    layout.processesDir,
    layout.localDir,
    layout.versionsDir,
    layout.uploadsDir,
    layout.cacheDir,
    layout.tmpDir,
    layout.backupsDir,
  ]
}

/** Environment that keeps the temporary files and caches of a child process and its libraries inside the path. */
export function cacheEnvironment(layout: Layout): Readonly<Record<string, string>> {
  return {
    TMPDIR: layout.tmpDir,
    XDG_CACHE_HOME: layout.cacheDir,
    XDG_CONFIG_HOME: join(layout.cacheDir, 'config'),
    XDG_DATA_HOME: join(layout.cacheDir, 'data'),
    XDG_STATE_HOME: join(layout.cacheDir, 'state'),
    NODE_COMPILE_CACHE: join(layout.cacheDir, 'node'),
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

function segment(name: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(name)) return name
  throw new SkykeepError(
    'INVALID_INPUT',
    `not a name for a file under the persistent path: ${JSON.stringify(name)}`,
    {
      hint: 'Use letters, digits, dot, dash and underscore; do not start with a dot.',
    },
  )
}
