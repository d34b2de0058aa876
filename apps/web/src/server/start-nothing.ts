/** What Next's edge runtime, which we do not use but it builds for, gets instead of the real start. */
export async function startWeb(): Promise<void> {
  // Nothing runs there.
}
