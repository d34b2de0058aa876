import { SkykeepError } from '@skykeep/core/errors'
import type { Rollout } from '@skykeep/core/nouns'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import { toneOf } from '../output/paint.ts'
import { rolloutProgress, rolloutText } from '../output/rollout-text.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

export interface ServeRolloutOptions extends Watch {
  readonly hold?: boolean
  readonly continue?: boolean
  /** What kubectl calls `--hold` and `--continue`. */
  readonly pause?: boolean
  readonly resume?: boolean
}

/** Whether the rollout is to be held; undefined: it is only looked at. Throws INVALID_INPUT for both at once. */
export function holdWish(options: ServeRolloutOptions): boolean | undefined {
  const isHeld = options.hold === true || options.pause === true
  const goesOn = options.continue === true || options.resume === true
  if (!isHeld || !goesOn) return isHeld ? true : goesOn ? false : undefined
  throw new SkykeepError('INVALID_INPUT', 'options of serve rollout that exclude each other', {
    userMessage: '`--hold` and `--continue` exclude each other.',
    hint: 'Give one of them; without either you see where the rollout is.',
  })
}

/** `skykeep serve rollout NAME`: where the latest rollout is; `--hold` keeps it there, `--continue` lets it go on. Returns the exit code. */
export async function serveRollout(
  session: Session,
  { name, isHeld }: { readonly name: string; readonly isHeld: boolean | undefined },
  options: ServeRolloutOptions,
): Promise<number> {
  const { api, terminal } = session
  if (isHeld !== undefined) {
    const rollout = await api.services.holdRollout.mutate({ name, isHeld })
    if (options.json === true) terminal.json(rollout)
    else {
      terminal.print(`${isHeld ? 'held' : 'goes on'}  ${name}  ${rolloutText(rollout)}`)
      if (isHeld)
        terminal.note(
          `It stays there until \`npx skykeep serve rollout ${name} --continue\`; \`npx skykeep serve rollback ${name}\` takes it back.`,
        )
    }
    return exitCodes.ok
  }
  return await showFound(session, options, async () => {
    const { rollouts } = await api.services.history.query({ name })
    const latest = rollouts[0] ?? null
    return {
      json: latest,
      show: (shown) => showRollout(shown, name, latest),
      goesOn: {
        what: latest?.finishedAtMs === null ? `the rollout of ${name} goes on` : `${name} goes on`,
        look: `skykeep serve rollout ${name}`,
        stop: `to hold it: \`skykeep serve rollout ${name} --hold\`; to take it back: \`skykeep serve rollback ${name}\``,
      },
    }
  })
}

function showRollout(terminal: Terminal, name: string, rollout: Rollout | null): void {
  if (rollout === null) {
    terminal.print(`${name}  no rollout yet: it runs the version that it was first given`)
    return
  }
  const now = Date.now()
  const { status, createdAtMs, createdBy, finishedAtMs, fromVersion, toVersion, operationUid } = rollout
  const progress = rolloutProgress(rollout)
  terminal.print(
    `${terminal.paint('bold', name)}  ${terminal.paint(toneOf(status), status)}  ${rolloutText(rollout)}`,
  )
  terminal.print(`versions  ${fromVersion} → ${toVersion}   asked by ${createdBy}   ${operationUid}`)
  const took = age(createdAtMs, finishedAtMs ?? now)
  terminal.print(
    finishedAtMs === null
      ? `under way for ${took}${progress === '' ? '' : `   ${progress}`}`
      : `took ${took}, ended ${age(finishedAtMs, now)} ago`,
  )
}
