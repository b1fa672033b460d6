import { closeChannels, createChannels } from '../../channels/registry';
import { PROVIDERS } from '../../domain/delivery/channel';

it('workers have the channels that the API accepts schedules for, and by the same names', async () => {
  const channels = createChannels({
    smtpUrl: 'smtp://127.0.0.1:1',
    smtpFallbackUrls: ['smtp://127.0.0.1:2', 'smtp://127.0.0.1:3'],
    mailFrom: 'Sundial <sundial@localhost>',
    noopFaults: null,
    webhook: { url: 'http://127.0.0.1:1/', secrets: [Buffer.alloc(24)] },
  });
  const ofWorkers = Object.fromEntries([...channels].map(([name, [first]]) => [name, first?.provider]));
  const accepted = Object.fromEntries(Object.entries(PROVIDERS).filter(([, provider]) => provider !== null));
  await closeChannels(channels);
  expect(accepted).toEqual(ofWorkers);
  expect(channels.get('email')?.map(({ provider }) => provider)).toEqual(['smtp', 'smtp-2', 'smtp-3']);
});
