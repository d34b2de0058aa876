'use client'

import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#src/components/ui/button.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { useTRPCClient } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'

const pieceBytes = 262_144
/** What a browser is made to hold at once; the command line has no such limit. */
const mostBytes = 128 * 1024 * 1024

/** Saves all that is stored of a replica's log as a file. */
export function DownloadButton({
  service,
  replicaId,
}: {
  readonly service: string
  readonly replicaId: number
}) {
  const client = useTRPCClient()
  const notify = useNotify()
  const [isBusy, setBusy] = useState(false)
  const download = async (): Promise<void> => {
    const pieces: string[] = []
    let offset = 0
    for (let first = -1; ;) {
      const piece = await client.logs.read.query({ service, replicaId, offset, limitBytes: pieceBytes })
      if (first === -1) first = piece.offset
      pieces.push(piece.text)
      if (piece.nextOffset <= offset || piece.nextOffset - first > mostBytes) break
      offset = piece.nextOffset
    }
    save(`${service}-${replicaId}.log`, pieces)
  }
  const start = (): void => {
    setBusy(true)
    download()
      .catch((error: unknown) =>
        notify({ tone: 'bad', title: 'Not downloaded', text: problemOf(error).what }),
      )
      .finally(() => setBusy(false))
  }
  return (
    <Button disabled={isBusy} onClick={start}>
      <Download aria-hidden />
      {isBusy ? 'Downloading' : 'Download'}
    </Button>
  )
}

function save(name: string, pieces: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...pieces], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
