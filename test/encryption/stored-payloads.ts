import type { WorkflowHandle } from '@temporalio/client';

/** A payload as Temporal keeps it, and the way to it in the history. */
export interface StoredPayload {
  readonly path: string;
  readonly encoding: string;
  readonly keyId: string | undefined;
  readonly data: Uint8Array;
}

/** Every payload of a workflow's history, read without a key. */
export async function storedPayloads(workflow: WorkflowHandle): Promise<StoredPayload[]> {
  const { events } = await workflow.fetchHistory();
  return collect(events ?? [], '');
}

function collect(value: unknown, path: string): StoredPayload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const metadata: unknown = Reflect.get(value, 'metadata');
  const data: unknown = Reflect.get(value, 'data');
  if (data instanceof Uint8Array && typeof metadata === 'object' && metadata !== null) {
    return [
      { path, encoding: text(metadata, 'encoding') ?? '', keyId: text(metadata, 'encryption-key-id'), data },
    ];
  }
  return Object.entries(value).flatMap(([name, part]) => collect(part, `${path}.${name}`));
}

function text(metadata: object, name: string): string | undefined {
  const value: unknown = Reflect.get(metadata, name);
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
}
