/** `0.2/s`, `12/s`. */
export function perSecond(value: number): string {
  return `${rounded(value)}/s`
}

/** `0.6 ms`, `480 ms`, `1.2 s`. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${rounded(value)} ms` : `${rounded(value / 1000)} s`
}

/** Two significant digits below ten, whole from a hundred on; pure. */
export function rounded(value: number): string {
  if (value === 0) return '0'
  if (value >= 100) return String(Math.round(value))
  return String(Number(value >= 10 ? value.toFixed(1) : value.toPrecision(2)))
}

/** A share from 0 to 1: `0 %`, `0.4 %`, `12 %`. */
export function share(value: number): string {
  return `${rounded(value * 100)} %`
}
