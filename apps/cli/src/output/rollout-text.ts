import type { Rollout } from '@skykeep/core/nouns'

/** Where a rollout is, without anything that counts on: `canary, step 1 of 2: 10 % of the requests to version 2`. */
export function rolloutText(rollout: Rollout): string {
  const { mode, status, isPaused, toVersion, statusReason, gate } = rollout
  const parts = [mode.replace('_', '-')]
  if (isPaused) parts.push('held where it is')
  if (mode === 'canary' && status === 'PROGRESSING') parts.push(stepOf(rollout))
  // While it waits its reason counts requests.
  const isJudged = gate !== null && gate.verdict !== 'waiting' && status === 'PROGRESSING'
  const gateText = isJudged ? `; gate ${gate.verdict}: ${gate.reason}` : ''
  const reason = statusReason === '' ? '' : `; ${statusReason}`
  return `${parts.join(', ')}, to version ${toVersion}${gateText}${reason}`
}

function stepOf({ step, settings }: Rollout): string {
  const { stepPercents } = settings.canary
  const percent = stepPercents[step]
  return percent === undefined
    ? 'all of the requests'
    : `step ${step + 1} of ${stepPercents.length}: ${percent} % of the requests`
}

/** What of a rollout counts on: the step's time and the requests that the gate has seen. Empty for none. */
export function rolloutProgress({ mode, status, stepMs, settings, gate }: Rollout): string {
  if (mode !== 'canary' || status !== 'PROGRESSING') return ''
  const baked = `${Math.floor(stepMs / 1000)} of ${settings.canary.bakeSeconds} s`
  return gate === null ? baked : `${baked}, ${gate.requests} of ${settings.canary.minRequests} requests`
}
