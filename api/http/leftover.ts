import type { RequestHandler } from 'express';

/**
 * Closes the connection of a request that is answered and still coming in after so long. Until then its rest is read
 * away, so that a client which sends before it listens gets to its answer.
 */
export function limitLeftovers(ms: number): RequestHandler {
  return (req, res, next) => {
    res.on('finish', () => {
      if (req.complete) return;
      const limit = setTimeout(() => req.socket.destroy(), ms);
      const done = (): void => clearTimeout(limit);
      req.once('end', done);
      req.once('close', done);
    });
    next();
  };
}
