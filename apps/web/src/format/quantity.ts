const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes with a binary unit and at most one decimal: `512 B`, `1.5 KiB`, `20 GiB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count)
  let step = 0
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024
    step += 1
  }
  const shown = step === 0 || value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)
  return `${shown} ${units[step] ?? 'B'}`
}

/** A whole number with thin groups of three: `12 345`. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
}

/** US dollars an hour with up to four decimals, none that says nothing: `$0.526/h`, `$12/h`. */
export function pricePerHour(usd: number): string {
  return `$${Number(usd.toFixed(4))}/h`
}

/** `1 replica`, `3 replicas`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
