import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findRunningStack } from './running-stack';

describe('finding the running stack', () => {
  const data = mkdtempSync(path.join(os.tmpdir(), 'sundial-demo-'));
  const addresses = {
    api: 'http://localhost:3000',
    console: 'http://localhost:3000/',
    postgres: 'postgresql://127.0.0.1/sundial',
    redis: 'redis://127.0.0.1',
    temporal: '127.0.0.1:7233',
    smtp: 'smtp://127.0.0.1:1025',
    inbox: 'http://127.0.0.1:8025',
  };
  afterAll(() => rmSync(data, { recursive: true }));

  it('says how to start one when there is none', () => {
    expect(() => findRunningStack(data, {})).toThrow('Sundial is not running: start it with `npm start`');
  });

  it('asks for the key when neither the environment nor the data have one', () => {
    writeFileSync(path.join(data, 'stack.json'), JSON.stringify(addresses));
    expect(() => findRunningStack(data, {})).toThrow('set SUNDIAL_ADMIN_KEY');
  });

  it('reads addresses and key', () => {
    writeFileSync(path.join(data, 'admin-key'), 'kept-key\n');
    const { api, inbox } = addresses;
    expect(findRunningStack(data, {})).toEqual({ api, inbox, adminKey: 'kept-key' });
  });

  it('prefers the key of the environment', () => {
    expect(findRunningStack(data, { SUNDIAL_ADMIN_KEY: 'given-key' }).adminKey).toBe('given-key');
  });
});
