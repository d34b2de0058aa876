/** How far each replica's log was read, by its number. As text: `1:2345,2:99`. */
export type LogCursor = ReadonlyMap<number, number>

export const cursorForm = /^(?:\d{1,9}:\d{1,15}(?:,\d{1,9}:\d{1,15}){0,999})?$/

/** How far each process's log was read. As text: `gateway-0:0123456789abcdef:2345`; a file without a line yet has no mark. */
export const processCursorForm = /^(?:[\w-]{1,40}:[0-9a-f]{0,16}:\d{1,15}(?:,|$)){0,64}$/

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
