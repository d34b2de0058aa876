import { CommanderError } from 'commander'
import { endOnInterrupt } from './client/interruption.ts'
import { explain, exitCodes } from './commands/failure.ts'
import { readEnv } from './env.ts'
import { buildProgram } from './program.ts'

const env = readEnv(process.argv.slice(2))
// A reader such as `head` that closes early is no failure.
process.stdout.on('error', () => process.exit(exitCodes.ok))
endOnInterrupt()
try {
  await buildProgram(env, (exitCode) => (process.exitCode = exitCode)).parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  } else {
    const { lines, exitCode } = explain(error, env)
    for (const line of lines) process.stderr.write(`${line}\n`)
    process.exitCode = exitCode
  }
}
