import { rounded } from '../rounded';

/** What a process has taken of the machine. */
export interface Usage {
  /** Resident memory, in megabytes. */
  readonly memoryMb: number;
  /** Processor time of all its threads since its start, in microseconds. */
  readonly cpuUs: number;
}

/** Reads it from the process's own Prometheus metrics. */
export async function usageOf(metricsUrl: string): Promise<Usage> {
  const text = await (await fetch(metricsUrl)).text();
  const read = (name: string): number => {
    const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`${metricsUrl} does not tell ${name}`);
    return Number(value);
  };
  return {
    memoryMb: rounded(read('process_resident_memory_bytes') / 2 ** 20, 0),
    cpuUs: Math.round(read('process_cpu_seconds_total') * 1_000_000),
  };
}

export function sumOf(usages: readonly Usage[]): Usage {
  return {
    memoryMb: usages.reduce((sum, { memoryMb }) => sum + memoryMb, 0),
    cpuUs: usages.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
  };
}
