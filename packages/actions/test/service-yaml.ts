/** A service YAML that the spec package accepts, with what a test wants to be different. */
export function serviceYaml(
  change: { readonly name?: string; readonly run?: string; readonly rest?: string } = {},
): string {
  return `name: ${change.name ?? 'hello'}
resources:
  infra: local
run: ${change.run ?? 'node server.js'}
service:
  readiness_probe: /
  replicas: 2
${change.rest ?? ''}`
}
