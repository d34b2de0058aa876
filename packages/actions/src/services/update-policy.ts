import { SkykeepError } from '@skykeep/core/errors'
import {
  defaultUpdatePolicy,
  type CanaryPolicy,
  type ServiceSpec,
  type UpdateMode,
  type UpdatePolicy,
} from '@skykeep/core/service-spec'

/** What a person says of one update, beside its YAML; it wins over the YAML. */
export interface PolicyWish {
  readonly mode?: UpdateMode | undefined
  readonly maxSurge?: number | undefined
  readonly minReadySeconds?: number | undefined
  readonly progressDeadlineSeconds?: number | undefined
  readonly isAutomaticRollback?: boolean | undefined
  readonly canary?: { readonly [K in keyof CanaryPolicy]?: CanaryPolicy[K] | undefined } | undefined
}

/** The policy of a rollout: the wish, else the YAML's, else the default. Throws INVALID_INPUT for steps that do not rise. */
export function policyOf({ service }: ServiceSpec, wish: PolicyWish): UpdatePolicy {
  const written = service.update ?? defaultUpdatePolicy
  const policy = { ...written, ...given(wish), canary: { ...written.canary, ...given(wish.canary ?? {}) } }
  const { stepPercents } = policy.canary
  const isRising = stepPercents.every((percent, at) => percent > (stepPercents[at - 1] ?? 0))
  if (stepPercents.length > 0 && isRising) return policy
  throw new SkykeepError('INVALID_INPUT', `canary steps ${stepPercents.join(',')}`, {
    userMessage: `The steps of a canary have to rise: ${stepPercents.join(', ') || 'none were given'}.`,
    hint: 'Give the shares in percent, from 1 to 99, as in `--canary-steps 10,50`.',
  })
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function given<T extends object>(wish: T): Given<T> {
  // Only keys that have a value are left, which the type says.
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as Given<T>
}
