/* OpenID Connect, code flow with PKCE. The token lives in the shared worker; only the verifier of a sign-in under way is in the tab's session storage. */
const REALM = '/auth/realms/catalyst/protocol/openid-connect'
const CLIENT = 'catalyst-console'

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

async function exchange(code: string, verifier: string, redirect: string): Promise<Signed> {
  const answer = await fetch(`${REALM}/token`, {
    method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: CLIENT, code, code_verifier: verifier, redirect_uri: redirect })
  })
  if (!answer.ok) throw new Error('sign-in')
  const body = (await answer.json()) as { access_token: string; expires_in: number; id_token: string }
  return { token: body.access_token, expiresAt: Date.now() + body.expires_in * 1000, idToken: body.id_token }
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

/* Finishes a sign-in that came back with ?code=; null when there is none. */
export async function finishSignIn(): Promise<Signed | null> {
  const query = new URLSearchParams(location.search)
  const kept = sessionStorage.getItem('sign-in')
  const code = query.get('code')
  if (!code || !kept) return null
  sessionStorage.removeItem('sign-in')
  const { verifier, state, back } = JSON.parse(kept) as { verifier: string; state: string; back: string }
  history.replaceState(null, '', back)
  if (query.get('state') !== state) return null
  const signed = await exchange(code, verifier, home())
  localStorage.removeItem(LEFT)
  return signed
}

/* Asks Keycloak's own session in a hidden frame; null when it has ended. */
export async function renew(): Promise<Signed | null> {
  const redirect = `${location.origin}/silent.html`
  const { url, verifier, state } = await begin(redirect, 'none')
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = 'sign-in'
  const search = await new Promise<string>(resolve => {
    const timer = setTimeout(() => resolve(''), 8000)
    const heard = (event: MessageEvent): void => {
      if (event.origin !== location.origin || event.source !== frame.contentWindow || event.data?.kind !== 'sign-in') return
      clearTimeout(timer)
      removeEventListener('message', heard)
      resolve(String(event.data.search))
    }
    addEventListener('message', heard)
    frame.src = url
    document.body.append(frame)
  })
  frame.remove()
  const query = new URLSearchParams(search)
  const code = query.get('code')
  return code && query.get('state') === state ? exchange(code, verifier, redirect) : null
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
