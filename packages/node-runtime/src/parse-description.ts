import type { JobDescription, JobStatus } from './job.ts'

/** Reads the lines of describe.sh; lines of another form are left out. */
export function parseDescriptions(text: string): readonly JobDescription[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('job id='))
    .map(parseDescription)
}

function parseDescription(line: string): JobDescription {
  const fields = new Map(
    line
      .split(' ')
      .slice(1)
      .map((field) => {
        const at = field.indexOf('=')
        return [field.slice(0, at), field.slice(at + 1)] as const
      }),
  )
  const field = (name: string): string => fields.get(name) ?? ''
  const isAlive = field('alive') === '1'
  const exitCode = field('code') === '' ? null : Number(field('code'))
  const hasRebooted = field('boot') !== field('now')
  const end = { exitCode, isAlive, hasRebooted, phase: field('phase'), isAsked: field('stop') === 'asked' }
  return {
    jobId: field('id'),
    ...statusOf(end),
    pid: Number(field('pid')),
    pidStartTime: Number(field('start')),
    bootId: field('boot'),
    isAlive,
    hasRebooted,
    exitCode,
    startedAtMs: Number(field('started')) * 1000,
  }
}

interface JobEnd {
  readonly exitCode: number | null
  readonly isAlive: boolean
  readonly hasRebooted: boolean
  readonly phase: string
  readonly isAsked: boolean
}

function statusOf(end: JobEnd): { readonly status: JobStatus; readonly reason: string } {
  if (end.exitCode === null && end.isAlive)
    return { status: end.phase === 'run' ? 'RUNNING' : 'SETTING_UP', reason: '' }
  if (end.isAsked) return { status: 'STOPPED', reason: 'stopped on request' }
  if (end.exitCode === null) {
    const why = end.hasRebooted ? 'the node was booted again' : 'its supervisor was killed'
    return { status: 'LOST', reason: `nobody saw how the job ended: ${why}` }
  }
  if (end.exitCode === 0 && end.phase === 'run')
    return { status: 'SUCCEEDED', reason: 'run ended with exit code 0' }
  const phase = end.phase === 'run' ? 'run' : 'setup'
  return {
    status: phase === 'run' ? 'FAILED' : 'FAILED_SETUP',
    reason: `${phase} ended with exit code ${end.exitCode}${hintOf(end.exitCode)}`,
  }
}

/** What an exit code usually means: 128 + signal number (bash(1), EXIT STATUS). */
function hintOf(exitCode: number): string {
  const hints: Readonly<Record<number, string>> = {
    126: ': a command cannot be executed (is it executable?)',
    127: ': a command was not found (is it installed, is PATH right?)',
    134: ': it aborted itself (SIGABRT)',
    137: ': it was killed (SIGKILL), most often because memory ran out',
    139: ': it crashed (SIGSEGV, segmentation fault)',
    143: ': it was ended by SIGTERM',
  }
  return hints[exitCode] ?? ''
}
