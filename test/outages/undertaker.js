'use strict';

const { rmSync } = require('node:fs');
const path = require('node:path');
const { endLeftovers } = require('../../dist/temporal-dev/supervision/end-leftovers');
const { openProcessRegister } = require('../../dist/temporal-dev/supervision/process-register');

/**
 * Deletes the folder of an own stack when the test lets go of our stdin, and first ends what still runs in there: a
 * test that was killed could not do so itself.
 */
const folder = process.argv[2];
process.stdin.resume();
process.stdin.once('end', () => {
  void bury();
});

async function bury() {
  await endLeftovers(openProcessRegister(path.join(folder, 'processes.json')));
  rmSync(folder, { recursive: true, force: true });
}
