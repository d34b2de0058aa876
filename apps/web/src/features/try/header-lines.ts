/** Headers as they are typed, a line each: `Name: value`. Lines without a name come back as what is wrong. Pure. */
export function parseHeaderLines(
  text: string,
):
  | { readonly headers: readonly { readonly name: string; readonly value: string }[] }
  | { readonly wrong: string } {
  const lines = text.split('\n').map((line) => line.trim())
  const headers: { readonly name: string; readonly value: string }[] = []
  for (const line of lines.filter((each) => each !== '')) {
    const colon = line.indexOf(':')
    if (colon <= 0) return { wrong: `“${line}” is no header: write it as Name: value` }
    headers.push({ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() })
  }
  return { headers }
}
