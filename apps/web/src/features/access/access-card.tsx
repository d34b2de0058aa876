import { DoorOpen } from 'lucide-react'
import type { ServiceAccessView, TokenRulesView } from '@skykeep/core/service-key-views'
import { Card } from '#src/components/ui/card.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { KeyValues, type KeyValue } from '#src/components/ui/key-values.tsx'
import { credentialText, lifetimeText, rateText, signersText } from './access-text.ts'

/** Who may ask, and how often, as the YAML of the version says that the service aims at. */
export function AccessCard({
  name,
  access,
}: {
  readonly name: string
  readonly access: ServiceAccessView | null
}) {
  return (
    <Card title="Who may ask">
      {access === null ? (
        <EmptyState
          icon={DoorOpen}
          title="Everybody who reaches the endpoint"
          command={`npx skykeep serve update ${name} FILE`}
        >
          Write <code className="font-mono">access</code> under{' '}
          <code className="font-mono">service.load_balancer</code> of the YAML to ask for a key or a signed
          token, to name addresses, or to set limits. An update that changes nothing else replaces no replica:
        </EmptyState>
      ) : (
        <KeyValues rows={[...rowsOf(access), ...tokenRows(access.tokens)]} />
      )}
    </Card>
  )
}

function rowsOf(access: ServiceAccessView): readonly KeyValue[] {
  const { allow, rate, ratePerKey, isKeyRequired, tokens } = access
  const isShown = isKeyRequired || tokens !== null
  const rows: readonly (KeyValue | null)[] = [
    { key: 'Addresses', value: allow === null ? 'Every address' : <Ranges ranges={allow} /> },
    { key: 'A request shows', value: credentialText(access) },
    isShown
      ? { key: 'Preflights', value: access.isPreflightAllowed ? 'Show nothing' : 'Show the same' }
      : null,
    isShown
      ? {
          key: 'The replica',
          value: access.isCredentialForwarded ? 'Sees what was shown' : 'Does not see it',
        }
      : null,
    { key: 'The service takes', value: rateText(rate) },
    isKeyRequired ? { key: 'Each key may', value: rateText(ratePerKey) } : null,
  ]
  return rows.filter((row) => row !== null)
}

function tokenRows(tokens: TokenRulesView | null): readonly KeyValue[] {
  if (tokens === null) return []
  const { issuer, audience, subjectHeader, requiredClaims, ratePerSubject } = tokens
  const claims = Object.entries(requiredClaims).map(([claim, value]) => `${claim}: ${value}`)
  const rows: readonly (KeyValue | null)[] = [
    { key: 'Tokens signed by', value: signersText(tokens) },
    { key: 'Issuer', value: issuer ?? 'Any that has one of the keys' },
    { key: 'Audience', value: audience ?? 'Only tokens that name none' },
    {
      key: 'Longest life',
      value: `${lifetimeText(tokens.maxLifetimeSeconds)}, clocks ${tokens.leewaySeconds} s apart`,
    },
    claims.length === 0 ? null : { key: 'Claims', value: claims.join(', ') },
    { key: 'Each subject may', value: rateText(ratePerSubject) },
    subjectHeader === null ? null : { key: 'Subject', value: `Told to the replica in ${subjectHeader}` },
  ]
  return rows.filter((row) => row !== null)
}

function Ranges({ ranges }: { readonly ranges: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-x-3 font-mono">
      {ranges.map((range) => (
        <li key={range}>{range}</li>
      ))}
    </ul>
  )
}
