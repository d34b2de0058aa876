const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** A number of bytes for people: `812 B`, `56.0 MiB`. */
export function size(bytes: number): string {
  let value = bytes
  let shown = `${bytes} B`
  for (const unit of units) {
    if (value < 1024) break
    value /= 1024
    shown = `${value.toFixed(1)} ${unit}`
  }
  return shown
}
