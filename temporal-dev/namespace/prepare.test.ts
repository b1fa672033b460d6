import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { stack } from '../../test/stack';
import { SEARCH_ATTRIBUTES } from '../parts/search-attributes';
import { prepareNamespace } from './prepare';

const patience = { triesAtMost: 600, pause: () => new Promise<void>((resolve) => setTimeout(resolve, 100)) };

describe('a Temporal server that knows nothing of us', () => {
  const wanted = { namespace: `prepared-${randomUUID()}`, retentionDays: 3 };
  let connection: Connection;

  beforeAll(async () => {
    connection = await Connection.connect({ address: stack().temporal });
  });

  afterAll(async () => {
    await connection.operatorService.deleteNamespace({ namespace: wanted.namespace });
    await connection.close();
  });

  it('is given the namespace, its retention and every search attribute', async () => {
    const prepared = await prepareNamespace(stack().temporal, wanted, patience);
    expect(prepared.namespace).toBe('made');
    const { config } = await connection.workflowService.describeNamespace({ namespace: wanted.namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(3 * 86_400);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: wanted.namespace,
    });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)));
  });

  it('may be prepared again, which changes nothing', async () => {
    const again = await prepareNamespace(stack().temporal, { ...wanted, retentionDays: 1 }, patience);
    expect(again).toEqual({ namespace: 'there already', added: [] });
    const { config } = await connection.workflowService.describeNamespace({ namespace: wanted.namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(3 * 86_400);
  });
});

it('is tried again while the server is away, and gives up with the reason', async () => {
  let pauses = 0;
  const pause = async (): Promise<void> => {
    pauses += 1;
  };
  const wanted = { namespace: 'default', retentionDays: 3 };
  await expect(prepareNamespace('127.0.0.1:1', wanted, { triesAtMost: 3, pause })).rejects.toThrow(
    'Failed to connect before the deadline',
  );
  expect(pauses).toBe(2);
});
