import { appendEvent } from '@skykeep/db/events'
import { write } from '../context.ts'
import { isDiskLow } from './decide.ts'
import { forgetService, servicesToForget } from './ended-services.ts'
import { pruneFiles } from './files.ts'
import { RetentionPass, toldKinds, type RetentionParts, type ToldKind } from './parts.ts'
import { pruneRows } from './rows.ts'
import { SteadyClock } from './steady-clock.ts'
import { Tombstones } from './tombstones.ts'
import { pruneVersions, sweepPrunedFolders } from './versions.ts'

const passEveryMs = 60_000
const rowsEveryMs = 5 * 60_000
const filesEveryMs = 60 * 60_000
/** Small transactions of one pass: what is left waits for the next. */
const transactionsAPass = 40
/** What went is told at most this often, all together. */
const tellEveryMs = 60 * 60_000

/** Keeps history, logs and files within their limits: a little work at a time, fenced, and nothing that anybody may still need. */
export class Retention {
  readonly #parts: RetentionParts
  readonly #wall: SteadyClock
  readonly #tombstones: Tombstones
  readonly #untold = new Map<ToldKind, number>()
  #rowsDueMs = Number.NEGATIVE_INFINITY
  #filesDueMs = Number.NEGATIVE_INFINITY
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(parts: RetentionParts) {
    this.#parts = parts
    this.#wall = new SteadyClock(parts.clock)
    this.#tombstones = new Tombstones(parts)
  }

  /** Does what is due. @returns milliseconds until the next pass. */
  async pass(): Promise<number> {
    const { clock, reserveBytes, space, storage } = this.#parts
    const nowMs = clock.monotonicMs()
    const pass = new RetentionPass(this.#wall.now(), transactionsAPass)
    const isLow = isDiskLow(space(), reserveBytes)
    const isOk = storage.state.state === 'ok'
    // Whoever restores a storage that failed wants to find everything: only what makes room goes until then.
    if (isLow || (isOk && nowMs >= this.#filesDueMs)) {
      await pruneFiles(this.#parts, pass, isLow)
      this.#filesDueMs = nowMs + filesEveryMs
    }
    if (isOk && nowMs >= this.#rowsDueMs) {
      await this.#pruneRows(pass)
      // Spent: more is waiting.
      if (!pass.isSpent) this.#rowsDueMs = nowMs + rowsEveryMs
    }
    await this.#tell(pass)
    return passEveryMs
  }

  async #pruneRows(pass: RetentionPass): Promise<void> {
    const parts = this.#parts
    await sweepPrunedFolders(parts)
    await pruneRows(parts, pass)
    await pruneVersions(parts, pass)
    const ended = await servicesToForget(parts, pass)
    await this.#tombstones.prune(pass, ended)
    for (const serviceUid of ended) await forgetService(parts, pass, serviceUid)
  }

  /** An event, when something went that people would look for. */
  async #tell({ removed }: RetentionPass): Promise<void> {
    for (const [kind, count] of removed) this.#untold.set(kind, (this.#untold.get(kind) ?? 0) + count)
    const { clock, installationId, log, storage } = this.#parts
    const nowMs = clock.monotonicMs()
    const isDue = this.#untold.size > 0 && nowMs - this.#toldAtMs >= tellEveryMs
    if (!isDue || storage.state.state !== 'ok') return
    const counts = Object.fromEntries(this.#untold)
    const list = [...this.#untold].map(([kind, count]) => `${toldKinds[kind]}: ${count}`).join(', ')
    const message = `removed what lies beyond the limits of \`retention\` in config.yaml (${list})`
    await write(this.#parts, (tx) =>
      appendEvent(tx, {
        kind: 'system',
        uid: installationId,
        type: 'history.pruned',
        reason: 'RETENTION',
        message,
        payload: counts,
      }),
    )
    log.info(counts, message)
    this.#untold.clear()
    this.#toldAtMs = nowMs
  }
}
