import type { SpecProblemView } from '@skykeep/core/views'

/** A variable whose value is given beside the file: it is in no version's YAML and in no draft. */
export interface GivenValue {
  readonly kind: 'envs' | 'secrets'
  readonly name: string
  readonly value: string
}

/** The variables that a YAML names without a value, as the parser reports them. Pure. */
export function openVariables(
  text: string,
  problems: readonly SpecProblemView[],
): readonly Pick<GivenValue, 'kind' | 'name'>[] {
  const lines = text.split('\n')
  return problems.flatMap(({ path, value, line, column, endColumn }) => {
    const kind = path.startsWith('secrets') ? 'secrets' : path.startsWith('envs') ? 'envs' : null
    const name = (lines[line - 1] ?? '').slice(column - 1, endColumn - 1).replaceAll(/["']/g, '')
    return kind === null || value !== 'nothing' || !/^\w+$/.test(name) ? [] : [{ kind, name }]
  })
}

/** The variables to ask for: those that lack a value, and those that were given one and still stand in the text. Pure. */
export function askedVariables(
  text: string,
  problems: readonly SpecProblemView[],
  given: readonly GivenValue[],
): readonly GivenValue[] {
  const still = stillNamed(text, given)
  const fresh = openVariables(text, problems).filter(
    (open) => !still.some(({ kind, name }) => kind === open.kind && name === open.name),
  )
  return [...still, ...fresh.map(({ kind, name }) => ({ kind, name, value: '' }))]
}

/** Those that the text still names: a value that nobody sees is not sent. Pure. */
export function stillNamed(text: string, given: readonly GivenValue[]): readonly GivenValue[] {
  return given.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text))
}

/** What the API is given: only values that were filled in. Pure. */
export function valuesOf(given: readonly GivenValue[]): {
  readonly envs: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
} {
  const of = (wanted: GivenValue['kind']): Readonly<Record<string, string>> =>
    Object.fromEntries(
      given
        .filter(({ kind, value }) => kind === wanted && value !== '')
        .map(({ name, value }) => [name, value]),
    )
  return { envs: of('envs'), secrets: of('secrets') }
}

/** A stored YAML as somebody can edit it: what was blanked has no value, so that one must be given. Pure. */
export function editableYaml(stored: string): string {
  return stored.replaceAll(/^(\s+\w+:) "<secret>"/gm, '$1')
}
