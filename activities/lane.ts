/** Lets at most `width` tasks run at once; the others wait in line. One lane a channel, shared by all pages. */
export interface Lane {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createLane(width: number): Lane {
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    async run(task) {
      if (running < width) running += 1;
      // Whoever leaves hands over the place without giving it up: nobody overtakes.
      else await new Promise<void>((enter) => waiting.push(enter));
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
