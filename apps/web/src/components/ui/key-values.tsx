import type { ReactNode } from 'react'

export interface KeyValue {
  readonly key: string
  readonly value: ReactNode
}

/** Facts as a description list: two columns, one below the other on a phone. */
export function KeyValues({ rows }: { readonly rows: readonly KeyValue[] }) {
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[minmax(7rem,max-content)_1fr]">
      {rows.map((row) => (
        <div key={row.key} className="contents">
          <dt className="text-soft max-sm:-mb-1.5">{row.key}</dt>
          <dd className="min-w-0 break-words">{row.value}</dd>
        </div>
      ))}
    </dl>
  )
}
