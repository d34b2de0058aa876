import { suggest } from './suggest.ts'

/** True for a name of the IANA time zone database, such as `Europe/Berlin` or `UTC`. A bare offset (`+01:00`) is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The zone that was meant by a name that is none; undefined where nothing is near. */
export function suggestTimeZone(name: string): string | undefined {
  const zones = new Map<string, string>()
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    zones.set(plain(zone), zone)
    zones.set(plain(zone.slice(zone.lastIndexOf('/') + 1)), zone)
  }
  const near = suggest(plain(name), [...zones.keys()])
  return near === undefined ? undefined : zones.get(near)
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[ -]/g, '_')
}
