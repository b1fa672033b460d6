import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came in, and how long that took. */
export interface Timed {
  readonly status: number;
  readonly ms: number;
}

/** Open connections to the API that carry one request at a time each. */
export interface Connections {
  /** Sends over the next connection that is free; waits for one when all are busy. */
  post(body: string): Promise<Timed>;
  close(): void;
}

/**
 * Opens connections and keeps them open. By hand, because the client shares the machine with what it measures: an HTTP
 * client costs as much of the processor as the server.
 */
export async function openConnections(url: URL, count: number, head: string): Promise<Connections> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  const free = [...sockets];
  const waiting: ((socket: Socket) => void)[] = [];

  function release(socket: Socket): void {
    const next = waiting.shift();
    if (next) next(socket);
    else free.push(socket);
  }

  return {
    async post(body) {
      const began = performance.now();
      // The one that has been idle for longest: all of them take their turn.
      const socket = free.shift() ?? (await new Promise<Socket>((resolve) => waiting.push(resolve)));
      const status = await exchange(
        socket,
        `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      release(socket);
      return { status, ms: performance.now() - began };
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The status of the answer, once all of it is there; 0 when the connection was lost. */
function exchange(socket: Socket, request: string): Promise<number> {
  return new Promise((resolve) => {
    let received = '';
    const end = (status: number): void => {
      socket.off('data', take);
      socket.off('close', lost);
      resolve(status);
    };
    const take = (piece: Buffer): void => {
      received += piece.toString('latin1');
      const bodyAt = received.indexOf('\r\n\r\n') + 4;
      if (bodyAt < 4) return;
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
      if (received.length >= bodyAt + length) end(Number(received.slice(9, 12)));
    };
    const lost = (): void => end(0);
    socket.on('data', take);
    socket.on('close', lost);
    socket.write(request);
  });
}
