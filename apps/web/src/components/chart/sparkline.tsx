const width = 120
const height = 28

/** A small line without axes, with a gap where nothing was counted; what it says stands beside it in words. */
export function Sparkline({ values }: { readonly values: readonly (number | null)[] }) {
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="h-7 w-full max-w-48 text-accent"
    >
      <path
        d={sparkPath(values)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

/** The path of a line over the whole width, from 0 to its highest value; pure. */
export function sparkPath(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0))
  const stepWidth = width / Math.max(1, values.length - 1)
  const parts = values.map((value, at) => {
    if (value === null) return ''
    const y = most === 0 ? height - 1 : height - 1 - (value / most) * (height - 2)
    const isFirst = (values[at - 1] ?? null) === null
    return `${isFirst ? 'M' : 'L'}${(at * stepWidth).toFixed(1)} ${y.toFixed(1)}`
  })
  return parts.join('')
}
