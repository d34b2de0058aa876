'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createTRPCClient,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
} from '@trpc/client'
import { EventSource } from 'eventsource'
import { useState, type ReactNode } from 'react'
import superjson from 'superjson'
import type { AppRouter } from '@skykeep/api/router'
import { provenFetch } from '#src/session/proven-fetch.ts'
import { leaveForSignIn } from '#src/session/sign-in-reason.ts'
import { TRPCProvider } from './client.ts'
import { isWorthRetrying, problemOf } from './problem.ts'

const url = '/api/trpc'

/** The API and its cache, once a browser tab. Freshness comes from the live stream, so nothing polls. */
export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient)
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === 'subscription',
          // The browser's own EventSource sends no header, and a proof in an address would end in logs.
          true: httpSubscriptionLink({
            url,
            transformer: superjson,
            EventSource,
            eventSourceOptions: { fetch: provenFetch },
          }),
          false: splitLink({
            condition: (operation) => operation.type === 'mutation',
            // Alone: an answer that is streamed has sent its headers before signing out can take the cookie back.
            true: httpLink({ url, transformer: superjson, fetch: provenFetch }),
            false: httpBatchStreamLink({ url, transformer: superjson, fetch: provenFetch }),
          }),
        }),
      ],
    }),
  )
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  )
}

function makeQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (problemOf(error).code === 'UNAUTHENTICATED') leaveForSignIn()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A status can age without an event (a dead worker writes none): coming back to the tab asks again.
        staleTime: 15_000,
        refetchOnReconnect: false,
        // No network inside a loopback browser still reaches a loopback server.
        networkMode: 'always',
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
      mutations: { networkMode: 'always' },
    },
  })
}
