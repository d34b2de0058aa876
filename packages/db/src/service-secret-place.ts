/** Where the value of a service's secret lives, as `encryptSecret` and `decryptSecret` bind it: the same for who writes and who reads. */
export function serviceSecretPlace(
  serviceUid: string,
  version: number,
  name: string,
): { readonly table: string; readonly uid: string; readonly column: string } {
  return { table: 'service_secrets', uid: `${serviceUid}/${version}/${name}`, column: 'ciphertext' }
}
