import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpuSecondsOf, keepAwake } from './children.ts'
import { loadCore, proxyCore, type Contestant, type Ways } from './contestants.ts'
import type { StreamEnds } from './stream-ends.ts'
import { median } from '../median.ts'

const run = promisify(execFile)
const connections = 64
const streams = 64
/** Before a process is measured for the first time under a load, and before each other time. */
const warmUpSeconds = { first: 4, again: 1 }
const bulkTimes = 4
const events = 100
/** Of each client in a turn, one after another; what counts is what comes while all are there. */
const streamTimes = 4
/**
 * Before the first turn, streams of two events and of all: as many requests and as many events as the other loads have in their warm-up. Programs are
 * compiled by how often they ran, not by how long.
 */
const warmUpTimes = { short: 200, whole: 7 }
/** Turns of streams in a round: each is short, so that what the host does meanwhile meets all proxies alike. */
const streamTurns = 5

/** What one round of one load said of one proxy; higher is better for `rate`, lower for the others. */
export interface Measured {
  /** Core time for each request or event, µs. */
  readonly cpuUs?: number
  readonly p50Us?: number
  readonly p99Us?: number
  /** Requests a second, or MB/s. */
  readonly rate?: number
}

export interface Load {
  readonly name: string
  readonly way: keyof Ways
  /** How often all proxies come in turn in a round; once where it is not said. */
  readonly turns?: number
  /** Measured without a proxy and through a bare relay, too: what the measurement and Node.js take of it. */
  readonly hasBounds?: boolean
  /** Measured through the balancer like SkyServe's, too: one load is enough to tell. */
  readonly hasSlow?: boolean
  measure(contestant: Contestant, seconds: number): Promise<Measured>
}

const headers = [
  'User-Agent: bench/1',
  'Accept: application/json',
  'Accept-Encoding: gzip',
  'Authorization: Bearer 0123456789abcdef0123456789abcdef',
  'Content-Type: application/json',
]

/** wrk: one thread, 64 connections that are kept open. */
function requests(name: string, way: 'small' | 'tls', script?: string): Load {
  const warm = new Set<Contestant>()
  return {
    name,
    way,
    hasBounds: way === 'small',
    hasSlow: way === 'small' && script === undefined,
    measure: async (contestant, seconds) => {
      const scheme = way === 'tls' ? 'https' : 'http'
      const url = `${scheme}://127.0.0.1:${contestant.ways[way]}/v1/models`
      const extra = script === undefined ? [] : ['-s', join(import.meta.dirname, script)]
      const wrk = async (duration: number): Promise<string> => {
        const args = ['-c', String(loadCore), 'wrk', '-t1', `-c${connections}`, `-d${duration}s`, '--latency']
        const { stdout } = await run('taskset', [
          ...args,
          ...headers.flatMap((each) => ['-H', each]),
          ...extra,
          url,
        ])
        return stdout
      }
      await wrk(warm.has(contestant) ? warmUpSeconds.again : warmUpSeconds.first)
      warm.add(contestant)
      const pids = contestant.pids()
      const before = cpuSecondsOf(pids)
      const said = await wrk(seconds)
      const used = cpuSecondsOf(pids) - before
      const count = Number(/(\d+) requests in/.exec(said)?.[1])
      if (/Non-2xx|Socket errors/.test(said)) throw new Error(`${contestant.name}, ${name}: ${said}`)
      return {
        ...(pids.length > 0 && { cpuUs: (used * 1e6) / count }),
        rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]),
        p50Us: microseconds(/^\s+50%\s+(\S+)/m.exec(said)?.[1]),
        p99Us: microseconds(/^\s+99%\s+(\S+)/m.exec(said)?.[1]),
      }
    },
  }
}

function microseconds(text = ''): number {
  const scale = text.endsWith('us') ? 1 : text.endsWith('ms') ? 1e3 : 1e6
  return Number.parseFloat(text) * scale
}

/** 64 streams at a time, of 100 events, one every 10 ms. */
function eventStreams(ends: StreamEnds): Load {
  const warm = new Set<Contestant>()
  return {
    name: `${streams} event streams`,
    way: 'streams',
    turns: streamTurns,
    hasBounds: true,
    measure: async (contestant) => {
      const port = contestant.ways.streams
      if (!warm.has(contestant)) {
        await ends.ask(port, streams, 2, warmUpTimes.short)
        await ends.ask(port, streams, events, warmUpTimes.whole)
        warm.add(contestant)
      }
      const awake = keepAwake(proxyCore)
      try {
        const pids = contestant.pids()
        const before = cpuSecondsOf(pids)
        const said = await ends.ask(port, streams, events, streamTimes)
        const used = cpuSecondsOf(pids) - before
        return {
          ...(pids.length > 0 && { cpuUs: (used * 1e6) / said.events }),
          p50Us: said.p50Us,
          p99Us: said.p99Us,
        }
      } finally {
        awake()
      }
    },
  }
}

/** Bodies of 200 MB, one after another; as many before a process is measured for the first time. */
function bulk(
  name: string,
  way: 'small' | 'streams',
  args: (base: string) => readonly string[],
  said: string,
): Load {
  const warm = new Set<Contestant>()
  return {
    name,
    way,
    measure: async (contestant) => {
      const base = `http://127.0.0.1:${contestant.ways[way]}`
      const rates: number[] = []
      const warmUp = warm.has(contestant) ? 0 : bulkTimes
      warm.add(contestant)
      for (let time = -warmUp; time < bulkTimes; time += 1) {
        const { stdout } = await run('taskset', [
          '-c',
          String(loadCore),
          'curl',
          '--fail',
          '-sS',
          '-o',
          '/dev/null',
          '-w',
          said,
          ...args(base),
        ])
        if (time >= 0) rates.push(Number(stdout) / 1e6)
      }
      return { rate: median(rates) }
    },
  }
}

/** All loads, each of which every proxy gets in turn. */
export function loadsOf(folder: string, ends: StreamEnds): readonly Load[] {
  return [
    requests('small GET', 'small'),
    requests('POST of 8 KiB', 'small', 'post.lua'),
    requests('small GET over TLS', 'tls'),
    eventStreams(ends),
    bulk('download of 200 MB', 'small', (base) => [`${base}/large`], '%{speed_download}'),
    bulk(
      'upload of 200 MB',
      'streams',
      (base) => ['-T', join(folder, 'large'), '-H', 'Expect:', `${base}/upload`],
      '%{speed_upload}',
    ),
  ]
}
