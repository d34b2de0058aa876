const colours = 6
const dashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3]]

/** How the line at this place of a chart looks: no two of eighteen alike, and neighbours differ in colour. */
export interface LineLook {
  /** A CSS colour that follows the theme. */
  readonly colour: string
  /** Lengths of dash and gap, pixels; empty: solid. */
  readonly dash: readonly number[]
}

export function lineLook(at: number): LineLook {
  return {
    colour: `var(--line-${(at % colours) + 1})`,
    dash: dashes[Math.floor(at / colours) % dashes.length] ?? [],
  }
}
