'use client'

import { useQuery } from '@tanstack/react-query'
import { isAllowed, type Permission } from '@skykeep/actions/authorize'
import { useTRPC } from '#src/trpc/client.ts'

/** Whether the person may; false until it is known. The server decides again. */
export function useMay(permission: Permission): boolean {
  const trpc = useTRPC()
  const me = useQuery(trpc.auth.me.queryOptions())
  return me.data !== undefined && isAllowed(me.data.role, permission)
}
