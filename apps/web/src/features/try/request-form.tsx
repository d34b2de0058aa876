'use client'

import type { ReactNode } from 'react'
import { triedLimits, triedMethods } from '@skykeep/core/tried-request'

const inputClasses = 'w-full rounded-md border border-line-strong bg-surface px-2 py-1 font-mono'

/** A request as it is typed. */
export interface Draft {
  readonly method: string
  readonly path: string
  /** A line each: `Name: value`. */
  readonly headerText: string
  readonly body: string
}

export const firstDraft: Draft = { method: 'GET', path: '/', headerText: '', body: '' }

/** The body that is sent: some methods have none. */
export function bodyOf({ method, body }: Draft): string {
  return method === 'GET' || method === 'HEAD' ? '' : body
}

/** Method, path, headers and body of a request. */
export function RequestForm({
  draft,
  onChange,
  onSubmit,
  actions,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly onSubmit: () => void
  readonly actions: ReactNode
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
      className="flex flex-col gap-3"
    >
      <div className="flex flex-wrap gap-2">
        <select
          aria-label="Method"
          value={draft.method}
          onChange={({ currentTarget }) => onChange({ ...draft, method: currentTarget.value })}
          className="h-8 rounded-md border border-line-strong bg-surface px-2"
        >
          {triedMethods.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <input
          aria-label="Path"
          required
          pattern="/\S*"
          title="Begins with / and has no spaces"
          maxLength={triedLimits.pathMax}
          value={draft.path}
          onChange={({ currentTarget }) => onChange({ ...draft, path: currentTarget.value })}
          className={`${inputClasses} min-w-40 flex-1`}
        />
        {actions}
      </div>
      <Lines
        label="Headers, a line each"
        rows={2}
        placeholder="Content-Type: application/json"
        value={draft.headerText}
        onChange={(headerText) => onChange({ ...draft, headerText })}
      />
      {draft.method === 'GET' || draft.method === 'HEAD' ? null : (
        <Lines label="Body" rows={6} value={draft.body} onChange={(body) => onChange({ ...draft, body })} />
      )}
    </form>
  )
}

function Lines({
  label,
  rows,
  placeholder,
  value,
  onChange,
}: {
  readonly label: string
  readonly rows: number
  readonly placeholder?: string
  readonly value: string
  readonly onChange: (text: string) => void
}) {
  return (
    <label className="block">
      <span className="text-soft">{label}</span>
      <textarea
        rows={rows}
        value={value}
        placeholder={placeholder}
        maxLength={triedLimits.bodyMax}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        className={inputClasses}
      />
    </label>
  )
}
