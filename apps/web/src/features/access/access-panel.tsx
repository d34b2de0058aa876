import type { ServiceView } from '@skykeep/core/views'
import { AccessCard } from './access-card.tsx'
import { KeysCard } from './keys-card.tsx'
import { RevokedTokensCard } from './revoked-tokens-card.tsx'

/** Who may ask the service, the keys that clients show, and the signed tokens that hold no longer. */
export function AccessPanel({ service: { name, access } }: { readonly service: ServiceView }) {
  return (
    <>
      <AccessCard name={name} access={access} />
      <KeysCard name={name} isKeyRequired={access?.isKeyRequired === true} />
      {access === null || access.tokens === null ? null : <RevokedTokensCard name={name} />}
    </>
  )
}
