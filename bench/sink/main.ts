import { SMTPServer } from 'smtp-server';

/** A sink for machines without Postfix: takes every mail, keeps none, and writes how many there were. */
function main(port: number): void {
  let taken = 0;
  let told = 0;
  const server = new SMTPServer({
    name: 'sink.sundial.localhost',
    logger: false,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      stream.resume();
      stream.once('end', () => {
        taken += 1;
        done();
      });
    },
  });
  setInterval(() => {
    if (taken > told) process.stdout.write(`mesg=${taken}\n`);
    told = taken;
  }, 50);
  server.listen(port, '127.0.0.1');
}

main(Number(process.argv[2]));
