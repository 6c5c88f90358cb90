/* OpenID Connect, code flow with PKCE. The token lives in the shared worker; only the verifier of a sign-in under way is in the tab's session storage. */
import { endsGrant, endsSession } from './answers.ts'

const REALM = '/auth/realms/catalyst/protocol/openid-connect'
const CLIENT = 'catalyst-console'
const FRAME_MS = 15_000

const base64url = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

async function begin(redirect: string, prompt: '' | 'none' | 'login'): Promise<{ url: string; verifier: string; state: string }> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
  const state = base64url(crypto.getRandomValues(new Uint8Array(16)))
  const challenge = base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))
  const query = new URLSearchParams({
    client_id: CLIENT, redirect_uri: redirect, response_type: 'code', scope: 'openid', state, code_challenge: challenge, code_challenge_method: 'S256'
  })
  if (prompt) query.set('prompt', prompt)
  return { url: `${REALM}/auth?${query}`, verifier, state }
}

export type Signed = { token: string; expiresAt: number; idToken: string }
/* Ended: Keycloak said that somebody has to sign in. Everything else is no answer, and no reason to end anything. */
export type Renewal = Signed | 'ended' | 'no-answer'
const EXCHANGE_MS = 20_000

async function exchange(code: string, verifier: string, redirect: string): Promise<Renewal> {
  try {
    const answer = await fetch(`${REALM}/token`, {
      method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, signal: AbortSignal.timeout(EXCHANGE_MS),
      body: new URLSearchParams({ grant_type: 'authorization_code', client_id: CLIENT, code, code_verifier: verifier, redirect_uri: redirect })
    })
    const body = (await answer.json()) as { access_token?: string; expires_in?: number; id_token?: string; error?: string }
    if (endsGrant(answer.status, body.error)) return 'ended'
    if (!answer.ok || !body.access_token || !body.expires_in) return 'no-answer'
    return { token: body.access_token, expiresAt: Date.now() + body.expires_in * 1000, idToken: body.id_token ?? '' }
  } catch { return 'no-answer' }
}

const home = (): string => `${location.origin}/`

/* That somebody signed out of this browser. Until somebody signs in, no page asks Keycloak whether its session is still there. */
const LEFT = 'signed-out'
export const hasLeft = (): boolean => localStorage.getItem(LEFT) !== null

/* After a sign-out the password is asked for, even where Keycloak was not reached then and its session lives on. */
export async function signIn(): Promise<void> {
  const { url, verifier, state } = await begin(home(), hasLeft() ? 'login' : '')
  sessionStorage.setItem('sign-in', JSON.stringify({ verifier, state, back: location.pathname + location.search }))
  location.assign(url)
}

/* Finishes a sign-in that came back, with ?code= or with an error; null when there is none, or it came to nothing: Keycloak's session, if there is one, is asked next. */
export async function finishSignIn(): Promise<Signed | null> {
  const query = new URLSearchParams(location.search)
  const kept = sessionStorage.getItem('sign-in')
  const code = query.get('code')
  if (!kept || !(code || query.get('error'))) return null
  sessionStorage.removeItem('sign-in')
  const { verifier, state, back } = JSON.parse(kept) as { verifier: string; state: string; back: string }
  history.replaceState(null, '', back)
  if (!code || query.get('state') !== state) return null
  const signed = await exchange(code, verifier, home())
  if (typeof signed === 'string') return null
  localStorage.removeItem(LEFT)
  return signed
}

/* Asks Keycloak's own session in a hidden frame. */
export async function renew(): Promise<Renewal> {
  const redirect = `${location.origin}/silent.html`
  const { url, verifier, state } = await begin(redirect, 'none')
  const query = new URLSearchParams(await visit(url))
  // An answer to an earlier question, or none.
  if (query.get('state') !== state) return 'no-answer'
  const code = query.get('code')
  if (code) return exchange(code, verifier, redirect)
  return endsSession(query.get('error')) ? 'ended' : 'no-answer'
}

/* What stands in the address that the frame is sent on to; "" when it does not come there. */
async function visit(url: string): Promise<string> {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = 'sign-in'
  let heard: (event: MessageEvent) => void = () => {}
  const search = await new Promise<string>(resolve => {
    const timer = setTimeout(() => resolve(''), FRAME_MS)
    heard = event => {
      if (event.origin !== location.origin || event.source !== frame.contentWindow || event.data?.kind !== 'sign-in') return
      clearTimeout(timer)
      resolve(String(event.data.search))
    }
    addEventListener('message', heard)
    frame.src = url
    document.body.append(frame)
  })
  removeEventListener('message', heard)
  frame.remove()
  return search
}

export const leave = (): void => localStorage.setItem(LEFT, '1')

/* Ends Keycloak's session: with the hint it does not ask again. As a form, so that the hint stands in no address. */
export function signOut(idToken: string): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = `${REALM}/logout`
  form.hidden = true
  for (const [name, value] of Object.entries({ client_id: CLIENT, id_token_hint: idToken, post_logout_redirect_uri: home() })) {
    const field = document.createElement('input')
    field.name = name
    field.value = value
    form.append(field)
  }
  document.body.append(form)
  form.submit()
}

/* The user name in a token, to be shown: who may do what is for the services to say. "" where there is none. */
export function userOf(token: string): string {
  try {
    const bytes = Uint8Array.from(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { preferred_username?: unknown }
    return typeof claims.preferred_username === 'string' ? claims.preferred_username : ''
  } catch { return '' }
}
