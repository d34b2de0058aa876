import { forwarded, refused } from '../../packages/gateway/test/smuggling-corpus.ts'
import type { ByteStream } from './byte-streams.ts'
import type { Outcome } from './lane.ts'
import { proxyNames } from './proxies.ts'
import type { ProxyName } from './proxies.ts'

/** An attack that is known, as the fuzz sends it. */
export interface Attack {
  readonly name: string
  readonly stream: ByteStream
  /** Paths that may reach an upstream, in order. */
  readonly allowed: readonly string[]
}

/** The corpus of the gateway's own tests: most of it must be refused, some must reach the upstream as exactly what it is. */
export const attacks: readonly Attack[] = [
  ...refused.map(({ name, bytes }) => ({ name, stream: streamOf(bytes), allowed: [] })),
  ...forwarded.map(({ name, bytes, requests }) => ({
    name,
    stream: streamOf(bytes),
    allowed: requests.map(([line]) => line.split(' ')[1] ?? ''),
  })),
]

function streamOf(text: string): ByteStream {
  return { seed: 0, text, pieces: [Buffer.from(text, 'latin1')] }
}

/** Which of the attacks each proxy let through: as other requests than they are, or at all where they can be read in two ways. */
export class AttackCounts {
  readonly through: Record<ProxyName, string[]> = { ours: [], nginx: [], haproxy: [] }

  note({ name, allowed }: Attack, outcomes: readonly Outcome[]): void {
    outcomes.forEach(({ requests }, at) => {
      const proxy = proxyNames[at]
      const paths = requests.map(({ target }) => target)
      const isThrough = paths.length > allowed.length || paths.some((path, nth) => path !== allowed[nth])
      if (proxy !== undefined && isThrough) this.through[proxy].push(name)
    })
  }

  text(): string {
    const counts = proxyNames.map((name) => `${this.through[name].length} by ${name}`)
    return `${attacks.length} known attacks; let through: ${counts.join(', ')}`
  }
}
