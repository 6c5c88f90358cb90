/* Saved views of a list: a name and what its address asks for. They stay in this browser; nothing else is kept with them. */
export type View = { name: string; query: string }
const KEY = 'views'
const MOST = 12

export function savedViews(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((one): one is View => typeof one?.name === 'string' && typeof one?.query === 'string').slice(0, MOST) : []
  } catch { return [] }
}

function keep(views: View[]): View[] {
  localStorage.setItem(KEY, JSON.stringify(views))
  return views
}

export const saveView = (name: string, query: string): View[] => keep([...savedViews().filter(one => one.name !== name), { name, query }].slice(-MOST))
export const dropView = (name: string): View[] => keep(savedViews().filter(one => one.name !== name))
