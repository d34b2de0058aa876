import type { Declarations } from './declaration.ts'

const plain = { labels: [], bound: '', source: 'every process' } as const

/** What every process tells of itself. */
export const processMetrics = {
  resident: {
    name: 'skykeep_process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory.',
    unit: 'bytes',
    ...plain,
  },
  heap: {
    name: 'skykeep_process_heap_used_bytes',
    type: 'gauge',
    help: 'Heap of JavaScript in use.',
    unit: 'bytes',
    ...plain,
  },
  cpu: {
    name: 'skykeep_process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time, of user and system.',
    unit: 'seconds',
    ...plain,
  },
  loopActive: {
    name: 'skykeep_process_event_loop_active_seconds_total',
    type: 'counter',
    help: 'Time in which the event loop worked instead of waiting.',
    unit: 'seconds',
    ...plain,
  },
  loopLag: {
    name: 'skykeep_process_event_loop_lag_seconds',
    type: 'gauge',
    help: 'How late a timer of 10 ms was, measured when scraped.',
    unit: 'seconds',
    ...plain,
  },
  startTime: {
    name: 'skykeep_process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, seconds since the Unix epoch.',
    unit: 'seconds',
    ...plain,
  },
} as const satisfies Declarations
