'use client'

import { useMutation } from '@tanstack/react-query'
import { Ban } from 'lucide-react'
import { useState } from 'react'
import { tokenRevocationKinds, type TokenRevocationKind } from '@skykeep/core/service-key-views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { Field } from '#src/components/ui/field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPC } from '#src/trpc/client.ts'

const labels: Readonly<Record<TokenRevocationKind, string>> = {
  subject: 'All tokens of a subject',
  token: 'One token',
}
const claims: Readonly<Record<TokenRevocationKind, string>> = { subject: 'sub', token: 'jti' }
const choices = tokenRevocationKinds.map((value) => ({ value, label: labels[value] }))

/** Ends signed tokens before they expire, after asking which; closes once every gateway refuses them. */
export function RevokeTokensButton({ service }: { readonly service: string }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const [kind, setKind] = useState<TokenRevocationKind>('subject')
  const [value, setValue] = useState('')
  const revoke = useMutation(
    trpc.serviceKeys.revokeTokens.mutationOptions({
      onSuccess: () => {
        setValue('')
        notify({ tone: 'ok', title: 'Revoked', text: 'Every gateway process refuses them.' })
      },
    }),
  )
  return (
    <AskButton
      trigger={
        <Button>
          <Ban aria-hidden />
          Revoke tokens
        </Button>
      }
      title={`Revoke signed tokens of ${service}`}
      confirmLabel="Revoke"
      isRefused={value === ''}
      asking={revoke}
      input={{ service, kind, value }}
      kept="Look at the list: it says what is revoked."
    >
      <p>
        They are refused from then on, also on connections that are open. Requests that got in before go on to
        their end. A subject may be given new tokens; those hold.
      </p>
      <div className="text-ink">
        <span aria-hidden className="mb-1 block text-[0.88rem] text-soft">
          What ends
        </span>
        <SelectField
          label="What ends"
          value={kind}
          choices={choices}
          onChange={(next) => setKind(next === 'token' ? 'token' : 'subject')}
        />
      </div>
      <Field
        label={`Its claim ${claims[kind]}`}
        value={value}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </AskButton>
  )
}
