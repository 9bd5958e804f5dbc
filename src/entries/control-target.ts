import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** The control target: sends back whatever comes, in a thread that has nothing else to do. Tells its port, and ends with its prober. */
const port = parentPort;
if (port === null) throw new Error('The control target runs as a worker thread only.');
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => socket.write(bytes));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') port.postMessage(address.port);
});
