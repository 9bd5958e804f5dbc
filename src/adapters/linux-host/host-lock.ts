import { createServer } from 'node:net';

/**
 * Holds a name on this whole host, whoever asks for it and from whichever folder; it is free again when the holder's process ends,
 * however that happens.
 * @returns how to give it back, or undefined when somebody holds it.
 */
export function takeHostLock(name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    // A socket without a file: the kernel forgets it with the process.
    server.listen(`\0${name}`, () => {
      server.unref();
      resolve(() => new Promise((closed) => void server.close(() => closed())));
    });
  });
}
