import { loadCodecSettings } from './settings';

const enough = {
  SUNDIAL_ADMIN_KEY: 'an-admin-key-of-some-length',
  SUNDIAL_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
};

describe("the codec server's settings", () => {
  it('listen on this machine alone unless told otherwise', () => {
    expect(loadCodecSettings({ ...enough, SUNDIAL_TEMPORAL_UI_URL: '' })).toMatchObject({
      host: '127.0.0.1',
      port: 8234,
      webUiUrl: undefined,
      webUiBehind: undefined,
    });
  });

  it('name every variable that is missing or wrong, and repeat no secret', () => {
    const wrong = { SUNDIAL_ENCRYPTION_KEYS: 'k1:c2VjcmV0', SUNDIAL_CODEC_WEB_UI: 'ftp://x' };
    const read = (): unknown => loadCodecSettings(wrong);
    expect(read).toThrow(
      /SUNDIAL_ADMIN_KEY[^]*SUNDIAL_ENCRYPTION_KEYS: key "k1" has 6 bytes[^]*SUNDIAL_CODEC_WEB_UI/,
    );
    expect(read).not.toThrow(/c2VjcmV0/);
  });
});
