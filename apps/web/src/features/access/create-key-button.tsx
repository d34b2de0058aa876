'use client'

import { useMutation } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { CreatedServiceKeyView } from '@skykeep/core/service-key-views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { Field } from '#src/components/ui/field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { useTRPC } from '#src/trpc/client.ts'

const daySeconds = 86_400
const never = 'never'
const expiries = [
  { value: never, label: 'Never by itself' },
  { value: String(daySeconds), label: 'After a day' },
  { value: String(30 * daySeconds), label: 'After 30 days' },
  { value: String(90 * daySeconds), label: 'After 90 days' },
  { value: String(365 * daySeconds), label: 'After a year' },
]
const nameForm = '[a-z0-9][a-z0-9._\\-]{0,62}'

/** Asks who the key is for and how long it holds, and makes it. */
export function CreateKeyButton({
  name: service,
  onCreated,
}: {
  readonly name: string
  readonly onCreated: (created: CreatedServiceKeyView) => void
}) {
  const trpc = useTRPC()
  const [name, setName] = useState('')
  const [expiry, setExpiry] = useState(never)
  const create = useMutation(
    // The answer holds the key: nothing keeps it beside the page.
    trpc.serviceKeys.create.mutationOptions({
      gcTime: 0,
      onSuccess: (created) => {
        setName('')
        onCreated(created)
      },
    }),
  )
  return (
    <AskButton
      trigger={
        <Button>
          <Plus aria-hidden />
          Make a key
        </Button>
      }
      title={`Make a key of ${service}`}
      confirmLabel="Make the key"
      isDanger={false}
      isRefused={!new RegExp(`^${nameForm}$`).test(name)}
      asking={create}
      input={{ service, name, ...(expiry === never ? {} : { expiresInSeconds: Number(expiry) }) }}
      kept="No key was made."
    >
      <p>One for each program that asks. It is shown once, and holds as soon as every gateway knows it.</p>
      <Field
        label="Who uses it"
        placeholder="mobile-app"
        pattern={nameForm}
        title="At most 63 small letters, digits, dots, lines and dashes"
        value={name}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <div className="text-ink">
        <span aria-hidden className="mb-1 block text-[0.88rem] text-soft">
          It expires
        </span>
        <SelectField label="It expires" value={expiry} choices={expiries} onChange={setExpiry} />
      </div>
    </AskButton>
  )
}
