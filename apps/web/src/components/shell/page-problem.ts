/** Why a page cannot be shown, as a person reads it. */
export interface PageProblem {
  readonly title: string
  readonly kept: string
  readonly next: string
  /** True: only a new load of the page can help. */
  readonly needsReload: boolean
}

/** What happened, what was kept, and what to do. A piece of the page that does not load means another build, or no server. Pure. */
export function pageProblemOf({ name, message }: Pick<Error, 'name' | 'message'>): PageProblem {
  const kept = 'Nothing was changed, and your services go on.'
  if (name === 'ChunkLoadError' || /loading (?:css )?chunk|dynamically imported module/i.test(message)) {
    return {
      title: 'A part of this page could not be loaded',
      kept,
      next: 'The dashboard was updated meanwhile, or the control plane does not answer. Load the page again; if that fails, run `npx skykeep up`.',
      needsReload: true,
    }
  }
  return {
    title: 'This page broke',
    kept,
    next: 'The log of the web process says more; `npx skykeep state where` names its folder.',
    needsReload: false,
  }
}
