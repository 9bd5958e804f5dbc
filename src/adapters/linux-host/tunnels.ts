import { spawnSync } from 'node:child_process';

let tried: boolean | undefined;

/** Makes one in a network namespace that ends with the program that asks. */
const TRY = ['--net', 'ip', 'tuntap', 'add', 'dev', 'sqd-try', 'mode', 'tun'];

/** Whether the kernel of this host gives this process tunnel devices; tried once, and false where there is no such program. */
export function hasTunnels(): boolean {
  return (tried ??= spawnSync('unshare', TRY, { timeout: 10_000, stdio: 'ignore' }).status === 0);
}
