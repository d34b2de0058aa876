import { handleSignIn } from '#src/server/sign-in-route.ts'

export const dynamic = 'force-dynamic'
export { handleSignIn as POST }
