/* Tokens for Git, and when they end. */
export type Token = { name: string; lastEight: string; createdAt?: string; expiresOn: string; expiresAt: string }

export const DAY_MS = 86_400_000
const REMIND_DAYS = 14

/* A day as services write it, that many days from now, in UTC. */
export const dayAfter = (now: number, days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10)

/* As provisioning asks, for dots alone are no part of an address. */
export const isTokenName = (name: string): boolean => name.length <= 60 && /^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name)
/* A token ends within a year from today, and not before today. */
const MOST_DAYS = 366
export const lastDays = (now: number): { first: string; last: string } => ({ first: dayAfter(now, 0), last: dayAfter(now, MOST_DAYS) })

export const endsSoon = (token: Pick<Token, 'expiresAt'>, now: number): boolean => Date.parse(token.expiresAt) - now <= REMIND_DAYS * DAY_MS
