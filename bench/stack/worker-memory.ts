import { rounded } from '../rounded';

/** Reads a process's resident memory from its own Prometheus metrics, in megabytes. */
export async function memoryOf(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const [, bytes] = /^process_resident_memory_bytes (\S+)/m.exec(text) ?? [];
  if (bytes === undefined) throw new Error(`${metricsUrl} does not tell the memory of its process`);
  return rounded(Number(bytes) / 2 ** 20, 0);
}
