// Colours and cursor moves of terminals (ECMA-48 CSI and OSC), which a page would show as noise.
const terminalCodes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g

/** A line without the codes that colour it or move a cursor. */
export function withoutTerminalCodes(text: string): string {
  return text.includes('\u001b') ? text.replaceAll(terminalCodes, '') : text
}
