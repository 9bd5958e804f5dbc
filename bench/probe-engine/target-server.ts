import { createServer, type Socket } from 'node:net';

/**
 * The target of all loads: answers each request of HTTP with the same bytes, as cheaply as Node can, so that the load generators
 * are compared and not the target. Prints its port. On a line `away <ms>` it resets what is open and refuses to answer for that
 * long, and prints when (nanoseconds of the host's monotonic clock).
 */
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nhello\n');
const END_OF_REQUEST = Buffer.from('\r\n\r\n');

const sockets = new Set<Socket>();
let isAway = false;

function countRequests(chunk: Buffer): number {
  let found = 0;
  for (let at = chunk.indexOf(END_OF_REQUEST); at >= 0; at = chunk.indexOf(END_OF_REQUEST, at + 4))
    found += 1;
  return found;
}

const server = createServer({ noDelay: true }, (socket) => {
  if (isAway) {
    socket.resetAndDestroy();
    return;
  }
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (chunk) => {
    for (let left = countRequests(chunk); left > 0; left--) socket.write(ANSWER);
  });
});

const say = (message: unknown): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

function goAway(ms: number): void {
  isAway = true;
  const fromNs = Number(process.hrtime.bigint());
  for (const socket of sockets) socket.resetAndDestroy();
  setTimeout(() => {
    isAway = false;
    say({ fromNs, toNs: Number(process.hrtime.bigint()) });
  }, ms);
}

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const [, ms] of text.matchAll(/away (\d+)\n/g)) goAway(Number(ms));
});
// Whoever started it is gone.
process.stdin.on('end', () => process.exit(0));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') say({ port: address.port });
});
