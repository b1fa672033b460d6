import { connect } from 'node:net';

const PROBE_WITHIN_MS = 2_000;

/** Whether something answers HTTP there with success. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_WITHIN_MS) });
  await response.arrayBuffer();
  return response.ok;
}

/** What a server says after it was sent `hello`; an empty one only listens for a greeting. */
export function converse(host: string, port: number, hello: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(PROBE_WITHIN_MS, () => socket.destroy(new Error(`${host}:${port} is silent`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      if (hello !== '') socket.write(hello);
    });
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
}
