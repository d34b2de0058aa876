import { places } from './navigation.tsx'

export interface Shortcut {
  /** What is pressed, in order. */
  readonly keys: readonly string[]
  readonly says: string
}

/** Every shortcut of the dashboard, as its help shows them. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['Ctrl K', '⌘ K'], says: 'Open the command palette: pages, services, actions, operations' },
  { keys: ['?'], says: 'Show this help' },
  { keys: ['/'], says: 'Go to the search box of the page' },
  ...places.map(({ key, label }) => ({ keys: ['g', key], says: `Go to ${label}` })),
  { keys: ['Ctrl Space'], says: 'In the YAML editor: complete' },
  { keys: ['Ctrl I', '⌘ I'], says: 'In the YAML editor: explain the key of the line' },
  { keys: ['F8'], says: 'In the YAML editor: go to the next problem' },
  { keys: ['Esc'], says: 'Close what is open' },
]
