/** How far each replica's log was read, by its number. As text: `1:2345,2:99`. */
export type LogCursor = ReadonlyMap<number, number>

export const cursorForm = /^(?:\d{1,9}:\d{1,15}(?:,\d{1,9}:\d{1,15}){0,999})?$/

export function parseCursor(text: string): LogCursor {
  const parts = text.split(',').filter(Boolean)
  return new Map(
    parts.map((part): [number, number] => {
      const [replicaId = '', offset = ''] = part.split(':')
      return [Number(replicaId), Number(offset)]
    }),
  )
}

export function formatCursor(cursor: LogCursor): string {
  return [...cursor].map(([replicaId, offset]) => `${replicaId}:${offset}`).join(',')
}
