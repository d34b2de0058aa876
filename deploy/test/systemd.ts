import { until } from '../../packages/testing/src/until.ts'
import { demand, pageText, shellBlock, type Checks } from './checks.ts'
import { podmanOf } from './engine.ts'
import type { Place } from './place.ts'

const image = 'localhost/skykeep-test/systemd:bookworm'
const name = 'skykeep-systemd'
const endpoint = 'http://127.0.0.1:30001/'
/** What systemd needs to raise the walls of a unit; the unit itself keeps none of it. */
const rights = [
  '--systemd=always',
  '--cap-add=SYS_ADMIN,MKNOD,NET_ADMIN,SYS_PTRACE,AUDIT_WRITE',
  '--security-opt=seccomp=unconfined',
]

/** deploy/systemd/skykeep.service as docs/systemd.md says it, started by a systemd that is the first process of a container. @param source - a built clone. */
export async function bootSystemd(checks: Checks, place: Place, source: string): Promise<void> {
  const podman = podmanOf(place)
  const must = (...args: readonly string[]): Promise<string> => place.must([...podman, ...args])
  const sh = (script: string): Promise<string> =>
    must('exec', '--workdir=/opt/skykeep', name, 'sh', '-euc', script)
  const cli = (line: string): Promise<string> => sh(`skykeep ${line}`)
  const ask = async (): Promise<string> => (await place.run(['curl', '--silent', endpoint])).output
  const answers = async (): Promise<void> =>
    void (await until('an answer of the service', async () => (await ask()).includes('Hello'), 120_000))
  const property = async (key: string): Promise<string> =>
    (await sh(`systemctl show --property=${key} --value skykeep`)).trim()
  /** Waits until a look at the services shows what is wanted. Throws with what it last said. */
  const shows = async (wanted: string): Promise<void> => {
    let last = ''
    const look = async (): Promise<boolean> => {
      const skykeep = ['exec', '--workdir=/opt/skykeep', name, 'skykeep', 'status']
      last = (await place.run([...podman, ...skykeep])).output
      return last.includes(wanted)
    }
    await until(wanted, look, 120_000).catch(() => demand(last, wanted))
  }
  const ready = (): Promise<void> => shows('READY')
  /** What is to live on: gateway and replicas, by number. */
  const lives = async (): Promise<string> =>
    sh('pgrep --full "/gateway.mj[s]|^node server.j[s]" | sort -n | tr "\\n" " "')
  const active = (): Promise<boolean> =>
    until('the unit is active', async () => (await property('ActiveState').catch(() => '')) === 'active')

  /** Does something to the unit while requests go on. @returns how many of them were answered, and how many not. */
  const under = async (action: () => Promise<unknown>): Promise<readonly [number, number]> => {
    const over = new AbortController()
    const counts: [number, number] = [0, 0]
    const acted = action().finally(() => over.abort())
    while (!over.signal.aborted) counts[(await ask()).includes('Hello') ? 0 : 1] += 1
    await acted
    return counts
  }
  const without = ([answered, refused]: readonly [number, number]): void =>
    demand(`${answered} answered, ${refused} not`, /^[1-9]\d* answered, 0 not$/)

  await place.run([...podman, 'rm', '--force', '--volumes', name])
  await checks.check('systemd: it boots as the first process', async () => {
    const folders = ['--volume', `${source}:/source:ro`, '--workdir', '/']
    await must('run', '--detach', '--name', name, '--network=host', ...rights, ...folders, image)
    const state = async (): Promise<string> =>
      (await place.run([...podman, 'exec', name, 'systemctl', 'is-system-running'])).output
    await until('it runs', async () => (await state()).includes('running'), 60_000)
  })
  await checks.check('systemd: each line of docs/systemd.md, from nothing to an answer', async () => {
    const block = shellBlock('systemd.md').replace(/git clone <[^>]+>/, 'cp --recursive /source')
    await must('exec', name, 'sh', '-euc', block)
    await active()
    await shows('No services')
    await cli('serve up examples/hello/service.yaml')
    await answers()
    demand(await sh('systemctl status --no-pager skykeep'), /Active: active \(running\)/)
    demand(await sh('journalctl --no-pager --unit skykeep'), 'dashboard')
  })
  await checks.check('systemd: its walls stand, around gateway and replicas too', async () => {
    const walls = 'CapEff:\\s0{16}|CapBnd:\\s0{16}|NoNewPrivs:\\s1|Seccomp:\\s2'
    for (const pid of [await property('MainPID'), ...(await lives()).trim().split(' ')]) {
      demand(await sh(`grep --count --perl-regexp '${walls}' /proc/${pid}/status`), /^4$/m)
      demand(await sh(`stat --format=%U /proc/${pid}`), /^skykeep$/m)
      const write = (file: string): string => `nsenter --target ${pid} --mount -- touch ${file} 2>&1 || :`
      demand(await sh(write('/usr/x')), 'Read-only')
      demand(await sh(write('/opt/skykeep/x')), 'Read-only')
      demand(`said: ${await sh(write('/tmp/mark'))}`, /^said: $/)
      demand(await sh(`nsenter --target ${pid} --mount -- ls /dev`), /^(?![^]*mem\b)[^]*null/)
    }
    demand(await sh('stat --format="%a %U" /var/lib/skykeep'), /^700 skykeep$/m)
  })
  await checks.check(
    'systemd: the main process is killed; it is started again, and requests go on',
    async () => {
      const [before, main] = [await lives(), await property('MainPID')]
      without(
        await under(async () => {
          await sh(`kill -9 ${main}`)
          await until('another one', async () => !['0', main].includes(await property('MainPID')))
          const journal = (): Promise<string> => sh('journalctl --no-pager --unit skykeep')
          await until('adoption', async () => (await journal()).includes('gateway: adopted'), 60_000)
          await ready()
        }),
      )
      demand(await lives(), before)
    },
  )
  await checks.check('systemd: restart keeps gateway and replicas, and requests go on', async () => {
    const before = await lives()
    without(await under(() => sh('systemctl restart skykeep')))
    demand(await lives(), before)
    demand(await property('Result'), 'success')
    await ready()
    demand(await cli('events --type recovery.report'), '2 replicas adopted')
  })
  await checks.check(
    'systemd: a restart leaves replicas what they keep in /tmp and in shared memory',
    async () => {
      const replica = (await sh('pgrep --full --oldest "^node server.js"')).trim()
      const within = `nsenter --target ${replica} --mount -- setpriv --reuid=skykeep --regid=skykeep --clear-groups`
      await sh(`${within} touch /tmp/kept /dev/shm/kept`)
      await sh('systemctl restart skykeep')
      await sh(`${within} touch /tmp/after && ${within} ls /tmp/kept /dev/shm/kept`)
    },
  )
  await checks.check(
    'systemd: stop ends the plane in good order; requests go on, and start adopts',
    async () => {
      const before = await lives()
      without(await under(() => sh('systemctl stop skykeep')))
      demand(await property('ExecMainStatus'), /^0$/)
      demand(`${await property('ActiveState')} ${await property('Result')}`, 'inactive success')
      demand(await ask(), 'Hello')
      await sh('systemctl start skykeep')
      await ready()
      demand(await lives(), before)
    },
  )
  await checks.check('systemd: the machine boots again, and serves by itself', async () => {
    await must('restart', '--time=60', name)
    await answers()
    demand(await cli('serve status hello'), endpoint.slice(0, -1))
  })
  await checks.check('systemd: all of it is ended as the page says', async () => {
    await sh(/`(skykeep stop --services.*)`/.exec(pageText('systemd.md'))?.[1] ?? 'false')
    demand(`left: ${await lives().catch(() => '')}`, /^left: $/)
    await must('rm', '--force', '--volumes', name)
  })
}
