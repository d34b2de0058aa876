import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../packages/tooling/src/repository.ts'
import { runCommand } from '../../packages/tooling/src/test/run-command.ts'

export const schemathesisVersion = '4.32.5'

const folder = path.join(root, `node_modules/.cache/schemathesis-${schemathesisVersion}`)
const program = path.join(folder, 'bin/st')

/** Schemathesis in an environment of its own, installed where it is missing; a reason where it cannot be had. */
export async function installSchemathesis(): Promise<
  { readonly program: string } | { readonly reason: string }
> {
  if (existsSync(program)) return { program }
  mkdirSync(path.dirname(folder), { recursive: true })
  const made = await runCommand('python3', ['-m', 'venv', '--clear', folder])
  if (made.code !== 0) return { reason: `no Python with venv: ${lastLine(made.output)}` }
  const pip = path.join(folder, 'bin/pip')
  const wanted = `schemathesis==${schemathesisVersion}`
  const installed = await runCommand(pip, ['install', '--quiet', '--disable-pip-version-check', wanted])
  return installed.code === 0
    ? { program }
    : { reason: `${wanted} cannot be installed: ${lastLine(installed.output)}` }
}

/** Runs it with its output shown as it comes. @returns its exit code. */
export async function runSchemathesis(at: string, args: readonly string[], cwd: string): Promise<number> {
  const child = spawn(at, args, { cwd, stdio: 'inherit' })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}
