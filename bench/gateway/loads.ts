import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpuSecondsOf } from './children.ts'
import { loadCore, type Contestant, type Ways } from './contestants.ts'
import { median } from '../median.ts'

const run = promisify(execFile)
const connections = 64
const streams = 64
const warmUpSeconds = 1
const bulkTimes = 4
/** Times 6,400 events: as many as requests come in their warm-up. Programs are compiled by how often they ran, not by how long. */
const warmUpStreams = 7

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
  return {
    name,
    way,
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
      await wrk(warmUpSeconds)
      const pids = contestant.pids()
      const before = cpuSecondsOf(pids)
      const said = await wrk(seconds)
      const used = cpuSecondsOf(pids) - before
      const count = Number(/(\d+) requests in/.exec(said)?.[1])
      if (/Non-2xx|Socket errors/.test(said)) throw new Error(`${contestant.name}, ${name}: ${said}`)
      return {
        cpuUs: (used * 1e6) / count,
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

interface AskedStreams {
  readonly events: number
  readonly p50Us: number
  readonly p99Us: number
}

/** 64 streams of 100 events, one every 10 ms. */
const eventStreams: Load = {
  name: `${streams} event streams`,
  way: 'streams',
  measure: async (contestant) => {
    const program = join(import.meta.dirname, 'streams.ts')
    const ask = async (): Promise<AskedStreams> => {
      const args = [program, 'ask', String(contestant.ways.streams), String(streams)]
      const { stdout } = await run('taskset', ['-c', String(loadCore), process.execPath, ...args])
      // Written by streams.ts.
      return JSON.parse(stdout) as AskedStreams
    }
    for (let time = 0; time < warmUpStreams; time += 1) await ask()
    const pids = contestant.pids()
    const before = cpuSecondsOf(pids)
    const rounds = [await ask(), await ask(), await ask()]
    const events = rounds.reduce((sum, said) => sum + said.events, 0)
    const cpuUs = ((cpuSecondsOf(pids) - before) * 1e6) / events
    return {
      cpuUs,
      p50Us: median(rounds.map(({ p50Us }) => p50Us)),
      p99Us: median(rounds.map(({ p99Us }) => p99Us)),
    }
  },
}

/** Bodies of 200 MB, one after another. */
function bulk(
  name: string,
  way: 'small' | 'streams',
  args: (base: string) => readonly string[],
  said: string,
): Load {
  return {
    name,
    way,
    measure: async (contestant) => {
      const base = `http://127.0.0.1:${contestant.ways[way]}`
      const rates: number[] = []
      for (let time = 0; time < bulkTimes; time += 1) {
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
        rates.push(Number(stdout) / 1e6)
      }
      return { rate: median(rates) }
    },
  }
}

/** All loads, each of which every proxy gets in turn. */
export function loadsOf(folder: string): readonly Load[] {
  return [
    requests('small GET', 'small'),
    requests('POST of 8 KiB', 'small', 'post.lua'),
    requests('small GET over TLS', 'tls'),
    eventStreams,
    bulk('download of 200 MB', 'small', (base) => [`${base}/large`], '%{speed_download}'),
    bulk(
      'upload of 200 MB',
      'streams',
      (base) => ['-T', join(folder, 'large'), '-H', 'Expect:', `${base}/upload`],
      '%{speed_upload}',
    ),
  ]
}
