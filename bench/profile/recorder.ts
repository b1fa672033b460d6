import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { beganFile, PROFILE_VARIABLE } from './handshake';
import { startRecording } from './recording';

/** Loaded into a process with --require: its first SIGUSR2 begins a profile of the main thread, the second writes it. */
function listen(file: string): void {
  let recording: ReturnType<typeof startRecording> | undefined;
  process.on('SIGUSR2', () => {
    if (recording === undefined) {
      recording = startRecording();
      void tellBegun(file, recording);
    } else {
      void write(file, recording);
    }
  });
}

async function tellBegun(file: string, recording: ReturnType<typeof startRecording>): Promise<void> {
  await recording;
  writeFileSync(beganFile(file), '');
}

/** Under another name first: whoever waits for the file finds all of it. */
async function write(file: string, recording: ReturnType<typeof startRecording>): Promise<void> {
  const end = await recording;
  writeFileSync(`${file}.new`, JSON.stringify(await end()));
  renameSync(`${file}.new`, file);
}

const file = process.env[PROFILE_VARIABLE];
if (isMainThread && file !== undefined) listen(file);
