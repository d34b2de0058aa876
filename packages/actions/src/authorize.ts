import { SkykeepError } from '@skykeep/core/errors'
import type { Actor, Role } from '@skykeep/core/actor'

/** The closed table of what each role may do. A permission without a row here does not compile. */
const rolesOf = {
  'me:read': ['admin', 'user', 'viewer'],
  'session:end': ['admin', 'user', 'viewer'],
  'sign-in-code:create': ['admin'],
  'token:own': ['admin', 'user', 'viewer'],
  'service:read': ['admin', 'user', 'viewer'],
  'service:write': ['admin', 'user'],
  'drill:run': ['admin'],
  'upload:write': ['admin', 'user'],
  'log:read': ['admin', 'user', 'viewer'],
  'operation:read': ['admin', 'user', 'viewer'],
  'event:read': ['admin', 'user', 'viewer'],
  'system:read': ['admin', 'user', 'viewer'],
  'state:write': ['admin'],
} as const satisfies Record<string, readonly Role[]>
export type Permission = keyof typeof rolesOf

/** True when the role holds the permission. */
export function isAllowed(role: Role, permission: Permission): boolean {
  const allowed: readonly Role[] = rolesOf[permission]
  return allowed.includes(role)
}

/** Throws FORBIDDEN, naming the roles that may, unless the actor's role holds the permission. First line of every action. */
export function authorize(actor: Actor, permission: Permission): void {
  if (isAllowed(actor.role, permission)) return
  throw new SkykeepError('FORBIDDEN', `role ${actor.role} lacks ${permission}`, {
    userMessage: `Your role (${actor.role}) does not allow this.`,
    hint: `Ask for the role ${rolesOf[permission].join(' or ')}.`,
  })
}
