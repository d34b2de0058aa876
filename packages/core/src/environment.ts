/** An environment variable that one of our programs reads, or that a workload gets, as its reference page tells of it. */
export interface EnvironmentVariable {
  /** What it says, with its unit. */
  readonly meaning: string
  /** What holds where it is not set. */
  readonly usual?: string
}

export type EnvironmentVariables<Name extends string = string> = Readonly<Record<Name, EnvironmentVariable>>

/** Reads variables that are declared, and no others. An empty one counts as absent. */
export function readerOf<Name extends string>(
  _declared: EnvironmentVariables<Name>,
  environment: Readonly<Record<string, string | undefined>>,
): (name: Name) => string | undefined {
  return (name) => (environment[name] === '' ? undefined : environment[name])
}
