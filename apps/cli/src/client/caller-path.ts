import path from 'node:path'

/** From where a path in a YAML is looked at. */
export interface Caller {
  /** Folder of the caller: SkyPilot resolves against it. */
  readonly cwd: string
  /** Folder of the YAML file: looked at second, so that an example works from anywhere. */
  readonly yamlDir: string
  readonly home: string
}

/** The absolute paths that a path in a YAML may mean, in the order in which they are tried. */
export function pathsMeant(written: string, { cwd, yamlDir, home }: Caller): readonly string[] {
  const expanded = written === '~' || written.startsWith('~/') ? path.join(home, written.slice(1)) : written
  return [...new Set([path.resolve(cwd, expanded), path.resolve(yamlDir, expanded)])]
}
