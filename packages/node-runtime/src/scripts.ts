import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { ExecRequest, ExecResult, Runner } from '@skykeep/provider-contract/runner'

export interface ScriptCall {
  /** File name of the script without `.sh`. */
  readonly script: string
  /** Follows the runtime folder, which every script gets first. */
  readonly args: readonly string[]
  readonly request?: ExecRequest
}

/** The exit code of a shell that cannot open its script (dash: 2, bash: 127; POSIX leaves it open). */
const missingScriptCodes = new Set([2, 127])

/**
 * Runs the shell scripts of `scriptsDir` on nodes. They are copied to a folder named by their content, so that a running
 * job never sees its script change; the copy is made when a call finds none.
 */
export class NodeScripts {
  readonly #scriptsDir: string
  #folder: Promise<string> | undefined

  constructor(scriptsDir: string) {
    this.#scriptsDir = scriptsDir
  }

  /** Throws `transient` when the script fails. */
  async call(runner: Runner, call: ScriptCall): Promise<ExecResult> {
    const first = await this.#exec(runner, call)
    if (first.exitCode === 0) return first
    if (!missingScriptCodes.has(first.exitCode)) throw failureOf(runner, call, first)
    await runner.putTree(this.#scriptsDir, await this.#remoteFolder())
    const second = await this.#exec(runner, call)
    if (second.exitCode !== 0) throw failureOf(runner, call, second)
    return second
  }

  async #exec(runner: Runner, call: ScriptCall): Promise<ExecResult> {
    const folder = `${runner.home}/${await this.#remoteFolder()}`
    return runner.exec(['/bin/sh', `${folder}/${call.script}.sh`, folder, ...call.args], call.request)
  }

  #remoteFolder(): Promise<string> {
    this.#folder ??= contentHash(this.#scriptsDir).then((hash) => `.skykeep/runtime/${hash}`)
    return this.#folder
  }
}

function failureOf(runner: Runner, call: ScriptCall, result: ExecResult): ProviderError {
  const said = Buffer.from(result.stderr).toString('utf8').trim().slice(-2_000)
  return new ProviderError(
    'transient',
    `${call.script}.sh on ${runner.nodeId} ended with ${result.exitCode}: ${said}`,
  )
}

async function contentHash(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder)).toSorted()) {
    hash
      .update(name)
      .update('\0')
      .update(await readFile(join(folder, name)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
