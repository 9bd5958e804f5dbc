/** Keeps what a command says out of the output of the tests. */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = () => true;
  try {
    return await work();
  } finally {
    streams.forEach((stream, n) => {
      const write = writes[n];
      if (write !== undefined) stream.write = write;
    });
  }
}
