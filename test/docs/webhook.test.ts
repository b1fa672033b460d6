import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import vm from 'node:vm';
import { createWebhookChannel } from '../../channels/webhook';
import { startWebhookEndpoint } from '../webhook-endpoint';
import type { WebhookRequest } from '../webhook-endpoint';
import { examplesOf, fencedText } from './fences';

/** What the channel posts for the message of the page's example, signed by two secrets. */
async function received(secrets: readonly Buffer[]): Promise<WebhookRequest> {
  const [{ value } = { value: undefined }] = examplesOf('webhook.md');
  const { messageId: id, recipient: address, title, body } = value.data as Record<string, string>;
  const endpoint = await startWebhookEndpoint();
  const channel = createWebhookChannel({ url: endpoint.url, secrets });
  await channel.send(
    { id: id ?? '', address: address ?? '', title: title ?? '', body: body ?? '' },
    { tenantId: 1, priority: 3 },
  );
  await channel.close();
  await endpoint.close();
  const [request] = endpoint.requests;
  if (request === undefined) throw new Error('nothing arrived');
  return request;
}

/** Runs the page's own lines. */
function isGenuine({ headers, body }: WebhookRequest, secret: string): unknown {
  const lines = fencedText('docs/webhook.md', 'js');
  const given = { headers, body, secret, createHmac, timingSafeEqual, Buffer };
  return vm.runInNewContext(`${lines}; genuine`, given);
}

const written = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

describe('docs/webhook.md', () => {
  it('shows what arrives', async () => {
    const { body } = await received([randomBytes(32)]);
    const [{ value } = { value: undefined }] = examplesOf('webhook.md');
    expect(JSON.parse(body)).toEqual({ ...value, timestamp: expect.any(String) });
  });

  it('checks a signature as it should be checked, by any secret of the list', async () => {
    const secrets = [randomBytes(32), randomBytes(24)];
    const request = await received(secrets);
    expect(secrets.map((secret) => isGenuine(request, written(secret)))).toEqual([true, true]);
    expect(isGenuine(request, written(randomBytes(32)))).toBe(false);
    expect(
      isGenuine(
        { ...request, body: request.body.replace('Ada', 'Eve') },
        written(secrets[0] ?? randomBytes(1)),
      ),
    ).toBe(false);
  });
});
