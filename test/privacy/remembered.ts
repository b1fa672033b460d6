import type { Client } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';

/**
 * Everything that Temporal knows of every workflow: ids, histories, memos, search attributes, summaries, what is pending.
 * As it is stored, and once more as who has the keys reads it.
 */
export async function rememberedByTemporal(
  client: Client,
  codec: PayloadCodec,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { workflowId, runId } of client.workflow.list()) {
    const workflow = client.workflow.getHandle(workflowId, runId);
    const known = {
      workflowId,
      described: (await workflow.describe()).raw,
      history: await workflow.fetchHistory(),
    };
    texts.set(`${workflowId}, as stored,`, textOf(known));
    texts.set(`${workflowId}, decoded,`, (await decodedPayloads(known, codec)).join('\n'));
  }
  return texts;
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${textOf(part)}`)
    .join('\n');
}

async function decodedPayloads(value: unknown, codec: PayloadCodec): Promise<string[]> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if (isPayload(value)) return (await codec.decode([value])).map(textOf);
  const parts = await Promise.all(Object.values(value).map((part) => decodedPayloads(part, codec)));
  return parts.flat();
}

function isPayload(value: object): value is Payload {
  return (
    Reflect.get(value, 'data') instanceof Uint8Array && typeof Reflect.get(value, 'metadata') === 'object'
  );
}
