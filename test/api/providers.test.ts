import { PROVIDERS } from '../../api/health/scrape';
import { closeChannels, createChannels } from '../../channels/registry';

it('GET /metrics names the providers as the workers do', async () => {
  const channels = createChannels({ smtpUrl: 'smtp://127.0.0.1:1', mailFrom: 'Sundial <sundial@localhost>' });
  const ofWorkers = Object.fromEntries([...channels.values()].map(({ name, provider }) => [name, provider]));
  const ofApi = Object.fromEntries(Object.entries(PROVIDERS).filter(([, provider]) => provider !== 'none'));
  await closeChannels(channels);
  expect(ofApi).toEqual(ofWorkers);
});
