import { askPlatform, CLUSTER, type Platform } from './platform.ts'

/* Asked for once, with the page. */
export const here = $state<{ platform: Platform }>({ platform: CLUSTER })
void askPlatform().then(platform => { here.platform = platform })
