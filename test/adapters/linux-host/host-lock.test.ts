import { expect } from 'chai';
import { describe, it, xdescribe } from 'mocha';
import { takeHostLock } from '../../../src/adapters/linux-host/host-lock.ts';

// Sockets without a file are Linux's.
(process.platform === 'linux' ? describe : xdescribe)('takeHostLock', () => {
  it('gives a name to one at a time, and again when it was given back', async () => {
    const name = `squall-test-${process.pid}`;
    const release = await takeHostLock(name);
    expect(release).to.be.a('function');
    expect(await takeHostLock(name)).to.equal(undefined);
    await release?.();
    const again = await takeHostLock(name);
    expect(again).to.be.a('function');
    await again?.();
  });
});
