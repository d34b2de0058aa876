/** How far something is, as a bar with its own name. */
export function ProgressBar({
  label,
  value,
  max,
}: {
  readonly label: string
  readonly value: number
  readonly max: number
}) {
  return (
    <progress
      aria-label={label}
      value={value}
      // A bar of nothing is full.
      max={Math.max(max, 1)}
      className="block h-2 w-full overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent-solid [&::-webkit-progress-bar]:bg-idle-wash [&::-webkit-progress-value]:bg-accent-solid"
    />
  )
}
