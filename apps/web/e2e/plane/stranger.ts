import type { Locator, Page } from '@playwright/test'

/** Somebody who has never seen the dashboard, and what it takes them to get something done. */
export class Stranger {
  readonly page: Page
  readonly #path: string[] = []
  #clicks = 0
  #keys = 0

  constructor(page: Page) {
    this.page = page
  }

  /** Clicks of the mouse so far. */
  get clicks(): number {
    return this.#clicks
  }

  /** Presses of keys that write nothing. */
  get keys(): number {
    return this.#keys
  }

  async click(target: Locator, name: string): Promise<void> {
    await target.click()
    this.#clicks += 1
    this.#path.push(name)
  }

  async press(key: string, name: string): Promise<void> {
    await this.page.keyboard.press(key)
    this.#keys += 1
    this.#path.push(name)
  }

  /** Puts text in where the cursor is: writing is not counted. */
  async write(text: string): Promise<void> {
    await this.page.keyboard.insertText(text)
    this.#path.push('(write)')
  }

  /** `Launch › Hello › Bring up hello (3 clicks)`. */
  get told(): string {
    const keys = this.#keys === 0 ? '' : `, ${this.#keys} ${this.#keys === 1 ? 'key' : 'keys'}`
    return `${this.#path.join(' › ')} (${this.#clicks} ${this.#clicks === 1 ? 'click' : 'clicks'}${keys})`
  }
}
