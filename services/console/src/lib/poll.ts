/* Asks at once, and again while its screen is there and somebody can see it: for what no stream tells. To be called while a component is made. */
import { onDestroy } from 'svelte'

export function poll(load: () => Promise<void>, everyMs: number): void {
  const timer = setInterval(() => { if (!document.hidden) void load() }, everyMs)
  onDestroy(() => clearInterval(timer))
  void load()
}
