import os from 'node:os';

/** On what a figure was taken: without it none can be compared. */
export function machineLine(): string {
  const [cpu] = os.cpus();
  const gigabytes = Math.round(os.totalmem() / 2 ** 30);
  return [
    `${os.availableParallelism()} x ${cpu?.model.trim() ?? 'unknown processor'}`,
    `${gigabytes} GB`,
    `Node ${process.versions.node}`,
    `${os.type()} ${os.release()}`,
    loadLine(),
  ].join(', ');
}

/** Tells whether others worked on the machine meanwhile. */
export function loadLine(): string {
  return `load average ${os.loadavg()[0]?.toFixed(2) ?? 'unknown'}`;
}
