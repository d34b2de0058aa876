import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from '@skykeep/persistent-path/layout'
import { readMoved, requireNotMoved, requireWhole } from '@skykeep/persistent-path/path-state'
import { rewritePersistentPath } from '@skykeep/persistent-path/rewrite-config'
import { rotateKey } from '@skykeep/state/keys/rotate-key'
import { dropDeadIntent, finishIncomingMove } from '@skykeep/state/move/finish-move'
import { moveState } from '@skykeep/state/move/move-state'
import { sealedVersion } from '@skykeep/secrets/cipher'
import { loadKeyRing } from '@skykeep/secrets/key-file'
import { configuredPath, fillPath, unreadable } from './filled-path.ts'
import { differing, filesOf, type Rows, rowsOf, type StatePlace } from './place.ts'
import type { StateScenario } from './state-scenario.ts'

const nobody = {
  pause: () => Promise.resolve(),
  resume: () => Promise.resolve(),
  follow: () => Promise.resolve(),
}

/** @param isStartedAfter a plane starts after each death, before the move is asked for again. */
export function moveScenario(isStartedAfter: boolean): StateScenario {
  let before: { readonly rows: Rows; readonly files: string } = { rows: {}, files: '' }
  const same = async (what: string, layout: Layout): Promise<readonly string[]> => [
    ...differing(what, before.rows, await rowsOf(layout)),
    ...(filesOf(layout) === before.files ? [] : [`${what}: files differ`]),
  ]
  return {
    name: isStartedAfter ? 'move, a plane starts after a death' : 'move, asked again',
    build: async (place) => {
      await fillPath(place)
      before = { rows: await rowsOf(place.layout), files: filesOf(place.layout) }
    },
    ask: async (place) => {
      if (configuredPath(place) === place.target.root && isDone(place)) return
      await moveState({
        layout: place.layout,
        newRoot: place.target.root,
        usesSqlite: true,
        shouldKeepOld: false,
        plane: nobody,
        rename: (root) => rewritePersistentPath(place.config, root),
        clock: place.clock,
      })
    },
    brokenByDeath: async (place) => {
      const isCommitted = readMoved(place.layout) !== undefined
      const whole = isCommitted ? place.target : place.layout
      if (isStartedAfter) {
        if (isCommitted) await finishIncomingMove(whole)
        else dropDeadIntent(whole)
        requireNotMoved(whole)
        requireWhole(whole)
      }
      const [wrong, node] = [await same('the place that is whole', whole), join('n-1', 'file')]
      const isThere = !isStartedAfter || readFileSync(join(whole.localDir, node), 'utf8') === 'of a node'
      return [...wrong, ...(isThere ? [] : ['the node is lost'])]
    },
    missing: async (place) => {
      const { layout, target } = place
      const left = readdirSync(layout.root).toSorted().join(' ')
      return [
        ...(await same('the new place', target)),
        ...(await unreadable(place, target)),
        ...(configuredPath(place) === target.root ? [] : ['config.yaml names the old place']),
        ...(readFileSync(target.fenceFile, 'utf8') === '7\n' ? [] : ['the fencing number is another']),
        ...(left === 'local moved.json' ? [] : [`the old place holds ${left}`]),
        ...(readFileSync(join(layout.localDir, 'n-1', 'file'), 'utf8') === 'of a node'
          ? []
          : ['the node is not found by its old name']),
      ]
    },
  }
}

/** What a second death may find: everything is moved, and the old place is cleared. */
function isDone({ layout }: StatePlace): boolean {
  return readdirSync(layout.root).toSorted().join(' ') === 'local moved.json'
}

function versionOf(line: string): number | undefined {
  // A row of service_secrets: its columns are those of the schema.
  return sealedVersion((JSON.parse(line) as { readonly ciphertext: string }).ciphertext)
}

/** More than one batch of secrets. */
const secretCount = 104

export function rotateScenario(): StateScenario {
  let before: Rows = {}
  const events = async (place: StatePlace): Promise<readonly string[]> =>
    (await rowsOf(place.layout))['events'] ?? []
  return {
    name: 'rotate-key',
    build: async (place) => {
      await fillPath(place, secretCount)
      before = await rowsOf(place.layout)
    },
    ask: async ({ layout, url, clock }) => {
      await rotateKey({ keys: { file: layout.masterKey }, databaseUrl: url, clock })
    },
    brokenByDeath: (place) => unreadable(place, place.layout),
    missing: async (place) => {
      const rows = await rowsOf(place.layout)
      const { version } = loadKeyRing({ file: place.layout.masterKey }).current
      const old = (rows['service_secrets'] ?? []).filter((line) => versionOf(line) !== version)
      const log = await events(place)
      return [
        ...(await unreadable(place, place.layout)),
        ...(version > 1 ? [] : ['the key is the old one']),
        ...(rows['service_secrets']?.length === secretCount ? [] : ['secrets are missing']),
        ...(old.length === 0 ? [] : [`${old.length} secrets are under an old key`]),
        ...(log.some((line) => line.includes('key.rotated')) ? [] : ['no event tells of it']),
        ...(before['events'] ?? []).filter((line) => !log.includes(line)).map((line) => `lost: ${line}`),
      ]
    },
  }
}
