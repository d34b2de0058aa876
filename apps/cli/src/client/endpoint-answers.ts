import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'

const answerMs = 5000
const lookMs = 100

/** True once the endpoint gives any answer that is not a gateway's own refusal. Waits at most `patienceMs`. */
export async function untilEndpointAnswers(url: string, patienceMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const status = await statusOf(url)
    if (status !== 0 && status !== 502 && status !== 503) return true
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
  return false
}

/** Status of GET; 0 for no answer. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const onAnswer = (response: IncomingMessage): void => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    }
    const signal = AbortSignal.timeout(answerMs)
    // Whether it answers, not who it is: a certificate of one's own is no silence.
    const request = url.startsWith('https:')
      ? getHttps(url, { rejectUnauthorized: false, agent: false, signal }, onAnswer)
      : getHttp(url, { agent: false, signal }, onAnswer)
    request.on('error', () => resolve(0))
  })
}
