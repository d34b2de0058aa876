import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UnfinishedRequest } from '@skykeep/core/routes'
import { journalName, JournalReports, readJournal } from '../src/journal-reports.ts'
import { Journal } from '../src/journal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skykeep-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const identity = { bootId: 'b', pid: 1, startTime: 2 }

function requestOf(id: string): UnfinishedRequest {
  const service = { serviceUid: 's', serviceName: 'hello', method: 'GET', path: '/', replicaUid: 'r' }
  return { id, ...service, sinceMs: 1, kind: 'request' }
}

function open(epoch: string): Journal {
  return new Journal(join(folder, journalName(epoch)), { epoch, process: identity })
}

function idsIn(epoch: string): string[] {
  const read = readJournal(readFileSync(join(folder, journalName(epoch)), 'utf8'))
  return (read?.requests ?? []).map(({ id }) => id)
}

describe('journal', () => {
  it('holds exactly what began and did not end, and what was lost and not acked, at every moment', () => {
    const step = fc.record({
      kind: fc.constantFrom('begin', 'end', 'lose', 'ack'),
      id: fc.nat(8).map(String),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const journal = open('e')
        const living = new Set<string>()
        const lost = new Set<string>()
        for (const { kind, id } of steps) {
          if (kind === 'begin' && !lost.has(id)) {
            living.add(id)
            journal.begin([requestOf(id)])
          }
          if (kind === 'end' && living.delete(id)) journal.end(id)
          if (kind === 'lose' && living.delete(id)) {
            lost.add(id)
            journal.addLost(requestOf(id))
          }
          if (kind === 'ack' && lost.delete(id)) journal.ackLost([id])
        }
        expect(idsIn('e').toSorted()).toEqual([...lost, ...living].toSorted())
        journal.close()
      }),
      { numRuns: 50 },
    )
  })

  it('goes on elsewhere with all that counts, and stays where it is when that cannot be', () => {
    const journal = open('e')
    journal.begin([requestOf('1'), requestOf('2')])
    journal.addLost(requestOf('3'))
    const there = join(folder, 'there.jsonl')
    expect(() => journal.moveTo(join(folder, 'none', 'journal.jsonl'))).toThrow('ENOENT')
    journal.end('1')
    expect(idsIn('e')).toEqual(['3', '2'])
    expect(journal.lastError).toBe('')
    journal.moveTo(there)
    journal.begin([requestOf('4')])
    expect(readdirSync(folder)).toEqual(['there.jsonl'])
    const read = readJournal(readFileSync(there, 'utf8'))
    expect(read?.requests.map(({ id }) => id)).toEqual(['3', '2', '4'])
    journal.close()
  })

  it('stays below 3 MiB through a hundred thousand ended requests', () => {
    const journal = open('e')
    journal.begin([requestOf('lasting')])
    for (let i = 0; i < 100_000; i += 1) {
      journal.begin([requestOf(String(i))])
      journal.end(String(i))
    }
    expect(statSync(join(folder, journalName('e'))).size).toBeLessThan(3 * 1024 * 1024)
    expect(idsIn('e')).toEqual(['lasting'])
  })

  it('passes over a torn last line', () => {
    const text = `${JSON.stringify({ epoch: 'e', process: identity })}\n${JSON.stringify({ b: requestOf('a') })}\n{"b":{"id`
    expect(readJournal(text)?.requests.map(({ id }) => id)).toEqual(['a'])
    expect(readJournal('')).toBe(null)
    expect(readJournal('{"epoch":1}\n')).toBe(null)
  })

  it('a disk that fails is counted and never thrown; the truth is written once it works again', () => {
    const missing = join(folder, 'missing')
    const journal = new Journal(join(missing, 'j'), { epoch: 'e', process: identity })
    journal.begin([requestOf('a'), requestOf('b')])
    journal.end('a')
    journal.mend()
    expect(journal.errorCount).toBeGreaterThan(0)
    expect(journal.lastError).toContain('ENOENT')
    rmSync(missing, { recursive: true, force: true })
  })

  it('a full disk breaks nothing, and the journal is whole once there is room', () => {
    const path = join(folder, journalName('e'))
    // What is written under the temporary name goes to the device that is always full.
    symlinkSync('/dev/full', `${path}.next`)
    const journal = open('e')
    journal.begin([requestOf('a'), requestOf('b')])
    journal.end('a')
    expect(journal.lastError).toContain('ENOSPC')
    unlinkSync(`${path}.next`)
    journal.mend()
    expect(journal.lastError).toBe('')
    expect(idsIn('e')).toEqual(['b'])
  })
})

describe('reports of dead processes', () => {
  it('are told until acked; living processes and empty journals are not told', () => {
    open('dead').begin([requestOf('a')])
    open('empty')
    const living = new Journal(join(folder, journalName('living')), {
      epoch: 'living',
      process: { ...identity, pid: 7 },
    })
    living.begin([requestOf('b')])
    const reports = new JournalReports(
      () => folder,
      ({ pid }) => pid === 7,
    )
    expect(reports.list().map(({ epoch }) => epoch)).toEqual(['dead'])
    expect(reports.ack('living')).toBe(false)
    expect(reports.ack('dead')).toBe(true)
    expect(reports.list()).toEqual([])
    expect(readdirSync(folder)).toEqual([journalName('living')])
  })
})
