import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { AppShell } from '#src/components/shell/app-shell.tsx'
import { parseTheme, themeCookie } from '#src/components/shell/theme.ts'
import { sessionCookieName } from '@skykeep/auth/session-cookie'

/** The shell holds nothing secret; what it shows comes from the API, which checks the session itself, also while the database is away. */
export default async function DashboardLayout({ children }: { readonly children: ReactNode }) {
  const jar = await cookies()
  if (!jar.has(sessionCookieName)) redirect('/sign-in')
  return <AppShell theme={parseTheme(jar.get(themeCookie)?.value)}>{children}</AppShell>
}
