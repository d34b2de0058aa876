import { handleRestRequest } from '#src/server/rest-route.ts'

export const dynamic = 'force-dynamic'
export {
  handleRestRequest as GET,
  handleRestRequest as HEAD,
  handleRestRequest as POST,
  handleRestRequest as PUT,
  handleRestRequest as PATCH,
  handleRestRequest as DELETE,
  handleRestRequest as OPTIONS,
}
