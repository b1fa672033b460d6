import { Refused, readCommand } from './words';

const read = (line: string): unknown => readCommand(line.split(' '), ['api', 'worker', 'postgres']);

describe('a docker command of the pages', () => {
  it.each([
    [
      'compose up --detach --wait api',
      { kind: 'up', services: ['api'], scale: new Map(), images: 'as they are' },
    ],
    ['compose up --detach --scale worker=3', { kind: 'up', scale: new Map([['worker', 3]]) }],
    ['compose stop api worker', { kind: 'stop', services: ['api', 'worker'] }],
    ['compose down --volumes', { kind: 'down', volumes: 'deleted' }],
    ['compose build', { kind: 'build services' }],
    ['compose exec -T postgres psql -U x', { kind: 'exec', service: 'postgres', words: ['psql', '-U', 'x'] }],
    ['compose run --rm --no-deps api node --help', { kind: 'run service', words: ['node', '--help'] }],
    [
      'build -f a/Dockerfile -t x:1 .',
      { kind: 'build image', file: 'a/Dockerfile', tag: 'x:1', context: '.' },
    ],
    ['run --rm --env-file .env x:1 node a.js', { kind: 'run image', image: 'x:1', words: ['node', 'a.js'] }],
  ])('is understood: %s', (line, command) => {
    expect(read(line)).toMatchObject(command);
  });

  it.each([
    ['compose stop api wroker', 'no such service: wroker'],
    ['compose up --detached', 'unknown flag: --detached'],
    ['compose up api', 'without --detach'],
    ['compose up --detach --scale worker', 'invalid --scale option "worker"'],
    ['compose up --detach --scale', 'flag needs an argument: --scale'],
    ['compose up --detach --scale wroker=3', 'no such service: wroker'],
    ['compose restore', 'unknown docker command: "compose restore"'],
    ['compose exec postgres psql', 'exec without -T'],
    ['compose run --rm api node', '--no-deps is missing'],
    ['build -f a/Dockerfile -t x:1', 'requires exactly 1 argument'],
    ['push x:1', 'unknown command: docker push'],
  ])('is refused: %s', (line, reason) => {
    expect(() => read(line)).toThrow(Refused);
    expect(() => read(line)).toThrow(reason);
  });
});
