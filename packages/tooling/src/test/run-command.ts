import { spawn } from 'node:child_process'
import { root } from '../repository.ts'

interface CommandResult {
  readonly code: number
  readonly output: string
}

interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Show the output as it comes; otherwise it is only returned. */
  readonly isShown?: boolean
}

/** Runs a command in the repository's root, with its own binaries first on the PATH. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const PATH = `${root}/node_modules/.bin:${process.env['PATH'] ?? ''}`
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, DO_NOT_TRACK: '1', NEXT_TELEMETRY_DISABLED: '1', ...options.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    if (options.isShown === true) process.stdout.write(chunk)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  return await new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })
}
