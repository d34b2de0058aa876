import { z } from 'zod'
import { SkykeepError } from '@skykeep/core/errors'
import type { StateWorkView } from '@skykeep/core/state-views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { StateWork } from '../state-keeper.ts'

export const verifyBackupInput = z.object({
  /** Name of a file in backups/. */
  name: z.string().min(1).max(255),
})

/** Begins a backup, in a process of its own; its end is an event. Throws FORBIDDEN, CONFLICT while one is being made, UNAVAILABLE. */
export async function startBackup(context: ActionContext): Promise<readonly StateWorkView[]> {
  authorize(context.actor, 'state:write')
  return await begin(context, { kind: 'backup', askedBy: context.actor.userUid })
}

/**
 * Begins to prove a backup: it is restored into a temporary database and compared. Throws FORBIDDEN, NOT_FOUND (no such backup), CONFLICT
 * while one is being proven, UNAVAILABLE.
 */
export async function verifyBackup(
  context: ActionContext,
  { name }: z.output<typeof verifyBackupInput>,
): Promise<readonly StateWorkView[]> {
  authorize(context.actor, 'state:write')
  const backups = await context.state.backups()
  if (!backups.some((backup) => backup.name === name)) {
    throw new SkykeepError('NOT_FOUND', `no backup ${name}`, {
      userMessage: 'There is no backup of that name any more.',
      hint: 'List them with `skykeep state backups`.',
    })
  }
  return await begin(context, { kind: 'verify', askedBy: context.actor.userUid, backup: name })
}

const said: Readonly<Record<StateWork['kind'], { readonly busy: string; readonly command: string }>> = {
  backup: { busy: 'A backup is being made already.', command: 'skykeep state backup' },
  verify: { busy: 'A backup is being verified already.', command: 'skykeep state verify' },
}

async function begin({ state }: ActionContext, work: StateWork): Promise<readonly StateWorkView[]> {
  const { busy, command } = said[work.kind]
  if (state.work().some(({ kind }) => kind === work.kind)) {
    throw new SkykeepError('CONFLICT', `${work.kind} is under way`, {
      userMessage: busy,
      hint: 'Wait for its end, then ask again.',
    })
  }
  try {
    await state.begin(work)
  } catch (cause) {
    throw new SkykeepError('UNAVAILABLE', `the process of a ${work.kind} could not be started`, {
      userMessage: 'It could not be started on this machine.',
      hint: `Run \`${command}\` in a terminal there.`,
      cause,
    })
  }
  return state.work()
}
