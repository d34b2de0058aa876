import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { authorize, isAllowed } from '@skykeep/actions/authorize'
import { roles, type Actor } from '@skykeep/core/actor'

const source = join(import.meta.dirname, '../src')
const reachedThroughAnAction = new Set([
  'logs/process-lines.ts',
  'logs/replica-log.ts',
  'logs/replica-logs.ts',
  'service-keys/until-every-gateway.ts',
  'services/ask.ts',
  'services/plan-update.ts',
  'services/start-rollout.ts',
  'versions/prepare-version.ts',
])
const actions = globSync('*/*.ts', { cwd: source })
  .map((file) => [file, readFileSync(join(source, file), 'utf8')] as const)
  .filter(([, text]) => /^export async function\*? \w+\(\s*context: ActionContext\b/m.test(text))
  // Reached only through an action that has asked already.
  .filter(([file]) => !reachedThroughAnAction.has(file))

it('every action asks whether it may, before anything else', () => {
  expect(actions.length).toBeGreaterThan(15)
  const late = actions.filter(
    ([, text]) =>
      !/^export async function\*? [^{]*\{\n {2}authorize\(context\.actor, '/m.test(
        text
          .replaceAll(/Promise<\{[^}]*\}>/g, 'Promise')
          // Parameters that are taken apart where they are named.
          .replaceAll(/^( {2})?(export async function \w+\([^{\n]*)?\{[^{}]*\}: /gm, '$1$2input: '),
      ),
  )
  expect(late.map(([file]) => file)).toEqual([])
})

it('a refusal names the roles that may', () => {
  const actor: Actor = { kind: 'token', userUid: 'usr_1', name: 'v', role: 'viewer', credentialUid: 'tok_1' }
  expect(() => authorize(actor, 'service:write')).toThrow(
    expect.objectContaining({ code: 'FORBIDDEN', hint: 'Ask for the role admin or user.' }),
  )
  expect(roles.filter((role) => isAllowed(role, 'sign-in-code:create'))).toEqual(['admin'])
})
