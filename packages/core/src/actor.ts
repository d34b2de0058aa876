export const roles = ['admin', 'user', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Who asks: a person signed in to the dashboard, or a program that shows a token. Never trusted from a client. */
export interface Actor {
  readonly kind: 'session' | 'token'
  readonly userUid: string
  readonly name: string
  readonly role: Role
  /** uid of the session or token shown, so that signing out ends exactly that one. */
  readonly credentialUid: string
}
