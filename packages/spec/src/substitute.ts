import type { ProblemList, Span } from './problem.ts'

export interface Variables {
  readonly envs: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
}

/**
 * Fills `$NAME` and `${NAME}` from the envs, as SkyPilot does in workdir and service (`_fill_in_env_vars` of
 * sky/task.py): other names stay as they are. A secret is refused there: the result is stored in clear.
 */
export function substitute(
  text: string,
  variables: Variables,
  place: { readonly path: string; readonly span: Span },
  problems: ProblemList,
): string {
  return text.replaceAll(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g,
    (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? ''
      if (Object.hasOwn(variables.envs, name)) return variables.envs[name] ?? whole
      if (!Object.hasOwn(variables.secrets, name)) return whole
      problems.error({
        path: place.path,
        span: place.span,
        value: `$${name}`,
        message: `the secret \`${name}\` cannot be used in \`${place.path}\`: that text is stored unencrypted`,
        hint: 'Use an env there; a secret reaches setup and run as an environment variable.',
      })
      return whole
    },
  )
}
