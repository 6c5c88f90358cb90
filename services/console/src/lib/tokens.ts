/* Tokens for Git, and when they end. */
export type Token = { name: string; lastEight: string; createdAt?: string; expiresOn: string; expiresAt: string }

export const DAY_MS = 86_400_000
const REMIND_DAYS = 14

/* A day as services write it, that many days from now, in UTC. */
export const dayAfter = (now: number, days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10)

export const endsSoon = (token: Pick<Token, 'expiresAt'>, now: number): boolean => Date.parse(token.expiresAt) - now <= REMIND_DAYS * DAY_MS
