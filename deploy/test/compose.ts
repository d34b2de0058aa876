import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { until } from '../../packages/testing/src/until.ts'
import { demand, shellBlock, type Checks } from './checks.ts'
import type { Place } from './place.ts'

const endpoint = 'http://127.0.0.1:30001/'

/** docker-compose.yml as docs/docker.md says it, and what may happen to it then. @param source - a copy of the repository. */
export async function composeUp(
  checks: Checks,
  place: Place,
  { source, env }: { readonly source: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  const at = { cwd: source, env }
  const docker = (...args: readonly string[]): Promise<string> => place.must(['docker', ...args], at)
  const up = (...args: readonly string[]): Promise<string> =>
    docker('compose', 'up', '--detach', '--wait', ...args)
  const inside = (...line: readonly string[]): Promise<string> =>
    docker('compose', 'exec', 'skykeep', ...line)
  const cli = (...line: readonly string[]): Promise<string> =>
    inside('/opt/skykeep/node', '/opt/skykeep/cli.mjs', ...line)
  const ask = async (): Promise<string> => (await place.run(['curl', '--silent', endpoint])).output
  const answers = async (): Promise<void> =>
    void (await until('an answer of the service', async () => (await ask()).includes('Hello'), 60_000))
  const state = async (field: string): Promise<string> => {
    return (await docker('inspect', '--format', `{{${field}}}`, 'skykeep-skykeep-1')).trim()
  }

  await checks.check('compose: each line of docs/docker.md, from nothing to an answer', async () => {
    // What an earlier run left; the file is not read without a password.
    const any = { ...at, env: { ...env, POSTGRES_PASSWORD: 'any' } }
    await place.must(['docker', 'compose', 'down', '--volumes'], any)
    await place.must(['sh', '-euc', shellBlock('docker.md')], at)
    demand(await ask(), 'Hello')
    demand(await cli('status'), /hello +READY +2\/2/)
  })
  await checks.check(
    'compose: nobody in particular, without rights, writes in the volume alone',
    async () => {
      demand(await inside('id', '-u'), /^10001$/m)
      demand(
        await inside('grep', '-E', 'CapEff|CapBnd|NoNewPrivs', '/proc/1/status'),
        /0{16}\n.*0{16}\n.*\t1/,
      )
      demand(await inside('stat', '--format=%a %u', '/data'), /^700 10001$/m)
      demand(
        (await place.run(['docker', 'compose', 'exec', 'skykeep', 'touch', '/x'], at)).output,
        'Read-only',
      )
      demand(await cli('state', 'doctor'), /owner and modes .*all yours/)
      demand(await cli('state', 'backup'), 'rows of postgresql')
    },
  )
  await checks.check(
    'compose: the container is killed; the engine starts it again, and it serves',
    async () => {
      await place.must(['kill', '-9', await state('.State.Pid')])
      await until('it is started again', async () => (await state('.RestartCount')) === '1')
      await up()
      await answers()
      demand(await cli('serve', 'status', 'hello'), `endpoint  ${endpoint.slice(0, -1)}`)
      demand(await cli('events', '--type', 'recovery.report'), 'took over hello')
    },
  )
  await checks.check('compose: starts in a row charge nothing to the service', async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      await docker('compose', 'restart', 'skykeep')
      await answers()
    }
    demand(await cli('events', '--limit', '200'), 'its host restarted')
  })
  await checks.check(
    'compose: the database is killed; requests are answered, and it comes back',
    async () => {
      await docker('compose', 'kill', 'database')
      demand(await ask(), 'Hello')
      await up()
      await until('its state', async () => (await cli('status').catch(() => '')).includes('READY'))
      demand(await ask(), 'Hello')
    },
  )
  await checks.check(
    'compose: stop ends it in good order within its grace, up finds everything again',
    async () => {
      await docker('compose', 'stop', 'skykeep')
      demand(await state('.State.ExitCode'), /^0$/)
      await docker('compose', 'down')
      await up()
      await answers()
    },
  )
  await checks.check('compose: an image built anew replaces the old one', async () => {
    const before = await state('.Image')
    appendFileSync(path.join(source, 'deploy/docker/Dockerfile'), 'LABEL another=one\n')
    await up('--build')
    if ((await state('.Image')) === before) throw new Error('the old image still runs')
    await answers()
    await docker('compose', 'down', '--volumes')
  })
}
