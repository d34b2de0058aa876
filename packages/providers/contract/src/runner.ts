export interface ExecRequest {
  /** Bytes for standard input; without it standard input is empty. The only way in for a secret. */
  readonly stdin?: string | Uint8Array
  /** The command and what it started are killed after this. Default 30,000. */
  readonly timeoutMs?: number
  /** Added to the node's own environment; never a secret (another process may read it). */
  readonly env?: Readonly<Record<string, string>>
  /** Bytes kept of each output stream; the rest is read and dropped. Default 1 MiB. */
  readonly outputLimitBytes?: number
}

export interface ExecResult {
  /** 0–255; 128 + signal where a signal ended it, as a shell reports it. */
  readonly exitCode: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** True when an output stream was longer than the limit. */
  readonly isTruncated: boolean
}

export interface FileRange {
  /** Byte offset from the start of the file, ≥ 0. */
  readonly offset: number
  /** At most this many bytes. */
  readonly length: number
}

/**
 * The way onto one node. Relative paths start at `home`. Every method throws only ProviderError: `not-found` when
 * the node is gone, `transient` when the node did not answer or a deadline passed.
 */
export interface Runner {
  readonly nodeId: string
  /** Absolute path of HOME on the node. */
  readonly home: string
  /** The host at which other machines (on `local`: this machine) reach what listens on the node. */
  readonly host: string
  /** What this infra gives every job, such as PATH on `local`; never a key of the control plane. */
  readonly jobEnv: Readonly<Record<string, string>>
  /**
   * Runs one command to its end with HOME as its folder. It dies with its caller (invariant 2); only what it puts in
   * a session of its own outlives it. A command that cannot be found ends with 127, as in a shell.
   */
  exec(argv: readonly string[], request?: ExecRequest): Promise<ExecResult>
  /**
   * Copies a folder of this machine to `remotePath`, which appears complete or not at all. If it exists already,
   * nothing happens. Modes of files are kept (the owner may always write), symbolic links stay links.
   */
  putTree(localDir: string, remotePath: string): Promise<void>
  /** Reads a part of a file: fewer bytes at its end, none beyond it. `not-found` when there is no such file. */
  getFileRange(path: string, range: FileRange): Promise<Uint8Array>
}
