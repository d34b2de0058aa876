/** Places under the persistent path that actions write to; given by the composition root, which knows the layout. */
export interface ActionPaths {
  readonly root: string
  readonly tmpDir: string
  readonly uploadsDir: string
  /** Logs of our own processes. */
  readonly processLogsDir: string
  versionDir(serviceUid: string, version: number): string
}
