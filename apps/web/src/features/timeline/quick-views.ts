export interface QuickView {
  readonly label: string
  /** Keys of the URL that it sets; times are filled in when it is chosen. */
  readonly patch: (nowMs: number) => Readonly<Record<string, string | null>>
}

const hourMs = 3_600_000

/** From six in the evening until eight in the morning: of the night that goes on, else of the last one. In the reader's own time zone. */
export function lastNight(nowMs: number): { readonly fromMs: number; readonly untilMs: number } {
  const at = new Date(nowMs)
  const isEvening = at.getHours() >= 18
  const evening = new Date(at.getFullYear(), at.getMonth(), at.getDate() - (isEvening ? 0 : 1), 18)
  const morning = new Date(evening.getFullYear(), evening.getMonth(), evening.getDate() + 1, 8)
  return { fromMs: evening.getTime(), untilMs: morning.getTime() }
}

function duringLastNight(nowMs: number): ReturnType<QuickView['patch']> {
  const { fromMs, untilMs } = lastNight(nowMs)
  return { from: String(fromMs), until: String(untilMs) }
}

function since(ms: number): QuickView['patch'] {
  return (nowMs) => ({ from: String(nowMs - ms), until: null })
}

/** Looks that people take most, each one click away. */
export const quickViews: readonly QuickView[] = [
  { label: 'Scaling', patch: () => ({ type: 'service.scaled' }) },
  { label: 'Problems', patch: () => ({ severity: 'problem' }) },
  { label: 'Last night', patch: duringLastNight },
  {
    label: 'Scaling last night',
    patch: (nowMs) => ({ type: 'service.scaled', ...duringLastNight(nowMs) }),
  },
  { label: 'Last hour', patch: since(hourMs) },
  { label: 'Last 24 hours', patch: since(24 * hourMs) },
]
