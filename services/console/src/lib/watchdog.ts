/* Notices a line that is dead without having ended: nothing came for twice the time that the server says it is heard of at least. */
const EVERY_MS = 15_000 // until the server has said its own, with the first event
const LEAST_MS = 1_000

export class Watchdog {
  private every = EVERY_MS
  private timer: ReturnType<typeof setTimeout> | undefined
  private heardAt: number
  private readonly now: () => number
  private readonly dead: () => void

  constructor(dead: () => void, now: () => number = Date.now) {
    this.dead = dead
    this.now = now
    this.heardAt = now()
    this.arm()
  }

  /* Bytes came. */
  heard(): void { this.heardAt = this.now() }

  /* What the server said; what cannot be one is left. */
  expect(everyMs: unknown): void {
    if (typeof everyMs !== 'number' || !(everyMs >= LEAST_MS && everyMs <= 600_000)) return
    this.every = everyMs
    this.arm()
  }

  stop(): void { clearTimeout(this.timer) }

  /* One timer, however much comes: it looks when it could be time, and waits for the rest. */
  private arm(): void {
    clearTimeout(this.timer)
    const left = this.heardAt + 2 * this.every - this.now()
    if (left <= 0) this.dead()
    else this.timer = setTimeout(() => this.arm(), left)
  }
}
