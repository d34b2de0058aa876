import { performance } from 'node:perf_hooks'
import type { Instruments } from './instruments.ts'
import type { processMetrics } from './process.ts'

const timerMs = 10

/** Reads this process's own figures; costs nothing between two scrapes. */
export function watchProcess(into: Instruments<typeof processMetrics>): () => Promise<void> {
  into.startTime.set(performance.timeOrigin / 1000)
  return async () => {
    const { rss, heapUsed } = process.memoryUsage()
    into.resident.set(rss)
    into.heap.set(heapUsed)
    const { user, system } = process.cpuUsage()
    into.cpu.reset()
    into.cpu.inc((user + system) / 1e6)
    into.loopActive.reset()
    into.loopActive.inc(performance.eventLoopUtilization().active / 1000)
    into.loopLag.set(await timerLateness())
  }
}

/** Seconds by which a timer of 10 ms came too late. */
async function timerLateness(): Promise<number> {
  const from = performance.now()
  await new Promise((resolve) => setTimeout(resolve, timerMs))
  return Math.max(0, performance.now() - from - timerMs) / 1000
}
