import type { CreatedServiceKeyView } from '@skykeep/core/service-key-views'
import { Button } from '#src/components/ui/button.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'

/** A key that was just made: the only time that anybody sees it. */
export function NewKey({
  created: { name, key, isKeyRequired },
  onDone,
}: {
  readonly created: CreatedServiceKeyView
  readonly onDone: () => void
}) {
  return (
    <section
      aria-live="polite"
      aria-label={`The key ${name}`}
      className="flex flex-col gap-2 border-b border-line bg-ok-wash p-4"
    >
      <p className="font-semibold">Copy the key {name} now: it is not shown again.</p>
      <div className="flex max-w-full items-center gap-1 rounded-md border border-line bg-surface py-0.5 pr-0.5 pl-3">
        <code className="min-w-0 flex-1 py-1 font-mono break-all">{key}</code>
        <CopyButton text={key} label="Copy the key" />
      </div>
      <p>
        Clients send it as <code className="font-mono">Authorization: Bearer KEY</code> or{' '}
        <code className="font-mono">X-Api-Key: KEY</code>.
        {isKeyRequired ? null : ' The service asks for none yet, so that requests without one get in too.'}
      </p>
      <Button className="self-start" onClick={onDone}>
        Done
      </Button>
    </section>
  )
}
