import { refuseUnconfigured } from './channel';

const webhook = { url: 'https://hooks.example.com/', secrets: [Buffer.alloc(32)] };

describe('a channel that not every installation has', () => {
  it('is refused where it is not configured, and the others never are', () => {
    expect(refuseUnconfigured({ webhook: null }, 'webhook', '/channel')).toMatchObject([
      { pointer: '/channel', code: 'channel.not-configured' },
    ]);
    expect(refuseUnconfigured({ webhook: null }, 'email', '/channel')).toEqual([]);
  });

  it('is taken where it is configured', () => {
    expect(refuseUnconfigured({ webhook }, 'webhook', '/channel')).toEqual([]);
  });
});
