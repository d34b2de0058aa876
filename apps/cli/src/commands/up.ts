import { findPlace, findPlane } from '../client/plane.ts'
import { checkFile, type CheckedFile } from '../client/service-file.ts'
import { sessionAt } from '../client/session.ts'
import type { CliEnv } from '../env.ts'
import { planeOptions } from '../plane/plane-options.ts'
import { type PlaneOptions, planeSettings, type PlaneSettings } from '../plane/settings.ts'
import { runSupervisor } from '../supervisor/run-supervisor.ts'
import { explain } from './failure.ts'
import { serveUp, type ServeUpOptions } from './serve-up.ts'

export interface UpOptions extends ServeUpOptions, PlaneOptions {}

/**
 * `skykeep up [FILE]`: supervises a control plane on this machine, and serves FILE on it once it answers. Where one runs
 * already, a FILE is served through it; without one this process stands by. Returns the exit code.
 */
export async function up(env: CliEnv, file: string | undefined, options: UpOptions): Promise<number> {
  const checked = file === undefined ? undefined : checkFile(env, file, options)
  const place = findPlace(env)
  const running = await findPlane(place)
  if (running !== undefined && checked !== undefined) {
    process.stderr.write(`a control plane runs already on ${place.resolved.path}: asking it\n`)
    return await serveUp(sessionAt(env, place, running), checked, options)
  }
  let isGreeted = false
  const exitCode = await runSupervisor(
    planeOptions(env, planeSettings(env, options), (settings, { webPort }) => {
      // Once: not again when the state has gone elsewhere.
      if (!isGreeted) void welcome(env, settings, { file: checked, options, port: webPort })
      isGreeted = true
    }),
  )
  // Whoever still waits for the service waits for a plane that has just been stopped here.
  process.exit(exitCode)
}

interface Welcome {
  readonly file: CheckedFile | undefined
  readonly options: UpOptions
  readonly port: number
}

/** What a person sees once everything answers: where to look, how to get in, and the service that they asked for. */
async function welcome(
  env: CliEnv,
  settings: PlaneSettings,
  { file, options, port }: Welcome,
): Promise<void> {
  const opened = sessionAt(env, settings.place, `http://127.0.0.1:${port}`)
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => (isStopping = true))
  // That a plane which is being stopped does not answer is no news.
  const note = (line: string): void => (isStopping ? undefined : opened.terminal.note(line))
  const session = { ...opened, terminal: { ...opened.terminal, note } }
  const { terminal } = session
  try {
    const link = await session.api.auth.createSignInCode.mutate()
    terminal.print(`dashboard  http://127.0.0.1:${port}`)
    terminal.print(`sign in    ${link.url}  (once, within ten minutes; \`npx skykeep login\` makes another)`)
    if (file !== undefined) await serveUp(session, file, { ...options, isInSupervisor: true })
  } catch (error) {
    for (const line of explain(error, env).lines) terminal.note(line)
    terminal.note('The control plane goes on; Ctrl-C stops it.')
  }
}
