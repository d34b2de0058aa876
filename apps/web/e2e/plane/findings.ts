import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** A wide screen, a tablet, a phone: pixels. */
export const widths = [1440, 820, 390] as const

/** What axe calls serious or critical, and by how many pixels the page is too wide; empty when all is well. */
export async function findingsOf(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  return [
    ...serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ...(tooWide !== 0 ? [`${tooWide} px too wide`] : []),
  ]
}
