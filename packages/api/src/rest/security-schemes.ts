/** How a request says who asks. */
export const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `skykeep token create NAME`.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'skykeep_session',
    description: 'The session of the dashboard, only together with its origin proof and from its own origin.',
  },
  originProof: { type: 'apiKey', in: 'header', name: 'x-skykeep-proof' },
} as const
