/* Renews the sign-in: one at a time in all tabs of a browser, as Keycloak's guard against guessing refuses several of one person at once; and again, later and later, while nobody answers. */
import { delayOf } from './answers.ts'
import type { Renewal, Signed } from './auth.ts'

export type Outcome = 'renewed' | 'ended' | 'no-answer'
const MOST_MS = 30_000

export type Parts = {
  ask: () => Promise<Renewal>
  /* Runs while no other tab does. */
  alone: (run: () => Promise<Outcome>) => Promise<Outcome>
  /* When the newest token of all tabs ends. */
  newest: () => Promise<number>
  /* Hands the token to all tabs; settles when this one has it too. */
  hand: (signed: Signed) => Promise<void>
  ended: () => void
  /* Whether it has not been answered lately. */
  unanswered: (is: boolean) => void
  random?: () => number
}

export class Renewals {
  private running: Promise<Outcome> | null = null
  private later: ReturnType<typeof setTimeout> | undefined
  private attempt = 0
  private readonly parts: Parts

  constructor(parts: Parts) { this.parts = parts }

  /* `known`: when the token ends that is to be replaced. Whoever asks meanwhile waits for the same answer. */
  renew(known: number): Promise<Outcome> {
    this.running ??= this.once(known).finally(() => { this.running = null })
    return this.running
  }

  /* Another tab has renewed it, or somebody signed out. */
  settle(): void {
    clearTimeout(this.later)
    this.attempt = 0
    this.parts.unanswered(false)
  }

  private async once(known: number): Promise<Outcome> {
    clearTimeout(this.later)
    const outcome = await this.parts.alone(() => this.asked(known)).catch((): Outcome => 'no-answer')
    if (outcome === 'no-answer') {
      this.parts.unanswered(true)
      this.later = setTimeout(() => void this.renew(known), delayOf(this.attempt++, MOST_MS, (this.parts.random ?? Math.random)()))
    } else this.settle()
    if (outcome === 'ended') this.parts.ended()
    return outcome
  }

  private async asked(known: number): Promise<Outcome> {
    if (await this.parts.newest() > known) return 'renewed'
    const answer = await this.parts.ask()
    if (typeof answer === 'string') return answer
    await this.parts.hand(answer)
    return 'renewed'
  }
}
