'use strict';

const { spawn } = require('node:child_process');

/**
 * Plays `docker` in a reader's terminal: the test that opened the terminal says what the command line comes to, and a
 * program that is to be run gets the terminal's own streams, through which a dump goes byte by byte.
 */
async function main() {
  const answer = await fetch(process.env.TEST_OF_THE_GUIDE, {
    method: 'POST',
    body: JSON.stringify({ args: process.argv.slice(2), folder: process.cwd() }),
  });
  const { said, code, program } = await answer.json();
  if (said !== '') process.stderr.write(`${said}\n`);
  if (program === null) return code;
  return new Promise((resolve, reject) => {
    const child = spawn(program.file, program.args, {
      stdio: 'inherit',
      cwd: program.folder,
      env: program.environment,
    });
    child.once('error', reject);
    child.once('close', (ended) => resolve(ended ?? 1));
  });
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
