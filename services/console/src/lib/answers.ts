/* What an answer means, or that there was none. The one place that tells "not signed in", "no right" and "no answer" apart: for calls, for the stream and for Keycloak. */
export type Meaning = 'fine' | 'not-signed-in' | 'no-right' | 'no-answer' | 'refused'

export function meaningOf(status: number): Meaning {
  if (status >= 200 && status < 400) return 'fine'
  if (status === 401) return 'not-signed-in'
  if (status === 403) return 'no-right'
  // Nothing that was reached has judged the request: the front door, a service that starts, a peer of it that is away. Zero is what a browser says of no answer.
  return status === 0 || status === 408 || status === 502 || status === 503 || status === 504 ? 'no-answer' : 'refused'
}

/* Nobody answered: offline, a line that is dead, a time-out, something in between that is not one of our services. */
export class NoAnswer extends Error {}

/* Keycloak's words, from OpenID Connect Core 3.1.2.6 and RFC 6749 5.2, for a session that has ended. Everything else that it says or does not say is no answer. */
const ENDED = new Set(['login_required', 'interaction_required', 'account_selection_required', 'consent_required'])
export const endsSession = (error: string | null): boolean => error !== null && ENDED.has(error)
export const endsGrant = (status: number, error: unknown): boolean => status === 400 && error === 'invalid_grant'

/* Full jitter, from half a second to `most`: after an outage browsers come back spread out. `attempt` counts from 0, `random` is in [0, 1). */
export const delayOf = (attempt: number, most: number, random: number): number => 200 + random * Math.min(most, 500 * 2 ** Math.min(attempt, 16))

/* Whether a problem's detail says what one of its errors says, as it does of the first: then it is said once. A detail may be cut. */
export const saysSame = (detail: string, message: string): boolean => detail.includes(message) || (detail.length > 80 && message.startsWith(detail.replace(/…$/, '')))
