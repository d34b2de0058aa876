import { Card } from '#src/components/ui/card.tsx'
import { Field } from '#src/components/ui/field.tsx'
import type { GivenValue } from './open-values.ts'

/** Asks for the variables that the YAML leaves open. */
export function ValuesForm({
  asked,
  onChange,
}: {
  readonly asked: readonly GivenValue[]
  readonly onChange: (value: GivenValue) => void
}) {
  if (asked.length === 0) return null
  return (
    <Card title="Values that the YAML leaves open">
      <div className="grid gap-3 sm:grid-cols-2">
        {asked.map((variable) => (
          <Field
            key={`${variable.kind}.${variable.name}`}
            label={`${variable.name} (${variable.kind === 'secrets' ? 'secret' : 'variable'})`}
            type={variable.kind === 'secrets' ? 'password' : 'text'}
            autoComplete="off"
            defaultValue={variable.value}
            onChange={({ currentTarget }) => onChange({ ...variable, value: currentTarget.value })}
          />
        ))}
      </div>
      <p className="mt-2 text-soft">
        Sent with the request; secrets are stored encrypted. None of them is kept in this browser.
      </p>
    </Card>
  )
}
