'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { CircleUserRound, LogOut } from 'lucide-react'
import { leaveSignedOut, noteSigningOut } from '#src/session/sign-in-reason.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLabel } from '../ui/menu.tsx'
import { useNotify } from '../ui/toasts.tsx'

/** Who is signed in, and the way out. */
export function UserMenu() {
  const trpc = useTRPC()
  const notify = useNotify()
  const me = useQuery(trpc.auth.me.queryOptions())
  const signOut = useMutation(
    trpc.auth.signOut.mutationOptions({
      onMutate: () => noteSigningOut(true),
      onSuccess: leaveSignedOut,
      onError: (error) => {
        noteSigningOut(false)
        if (problemOf(error).code === 'UNAUTHENTICATED') return leaveSignedOut()
        notify({ tone: 'bad', title: 'Not signed out', text: problemOf(error).what })
      },
    }),
  )
  return (
    <Menu
      trigger={
        <Button look="quiet" isIcon aria-label="Account">
          <CircleUserRound aria-hidden />
        </Button>
      }
    >
      <MenuLabel>
        <span className="block font-medium">{me.data?.name ?? 'Signed in'}</span>
        <span className="block text-soft">{me.data?.role ?? ''}</span>
      </MenuLabel>
      <MenuItem onSelect={() => signOut.mutate()}>
        <LogOut aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  )
}
