import { join } from 'node:path';

/** What a program is given so that state, cache and configuration of no other run are near: all of it lies in `home`. */
export const ownHome = (home: string): Readonly<Record<string, string>> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_CONFIG_HOME: join(home, 'config'),
});
