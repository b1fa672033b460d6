import type { Project } from '../../deploy/compose-file';
import type { Resident } from '../../../temporal-dev/house/house';
import type { Containers } from './containers';
import { Refused } from './words';
import type { DockerCommand } from './words';

/** The services of docker-compose.yml as Compose starts and ends them. */
export interface Compose {
  up(command: Extract<DockerCommand, { kind: 'up' }>, project: Project): Promise<void>;
  /** Without names, all of them. */
  stop(names: readonly string[], project: Project): Promise<void>;
  /** The next `up` replaces what runs from an image of ours. */
  rebuilt(): void;
  /** How many of each service run. */
  running(): Readonly<Record<string, number>>;
}

export function createCompose(containers: Containers): Compose {
  /** Null stands for a container in whose place nothing runs. */
  const residents = new Map<string, readonly (Resident | null)[]>();
  let images: 'new' | 'in use' = 'in use';

  async function end(names: readonly string[], project: Project): Promise<void> {
    // Who uses others first.
    for (const name of inOrder(Object.keys(project.services), project).toReversed()) {
      if (!names.includes(name)) continue;
      const ending = residents.get(name) ?? [];
      residents.delete(name);
      for (const resident of ending) resident?.signal(name === 'postgres' ? 'SIGINT' : 'SIGTERM');
      for (const resident of ending) await resident?.ended;
    }
  }

  return {
    async up({ services, scale }, project) {
      const wanted = inOrder(services.length === 0 ? Object.keys(project.services) : services, project);
      const outdated = (name: string): boolean =>
        images === 'new' && project.services[name]?.build !== undefined;
      await end(wanted.filter(outdated), project);
      images = 'in use';
      for (const name of wanted) {
        const service = project.services[name];
        if (service === undefined) throw new Refused(`no such service: ${name}`);
        const there = [...(residents.get(name) ?? [])];
        while (there.length < (scale.get(name) ?? 1)) there.push(await containers.start(name, service));
        // One that does its work and ends is done again by the next `up`.
        if (service.restart === 'unless-stopped') residents.set(name, there);
      }
    },
    stop: (names, project) => end(names.length === 0 ? Object.keys(project.services) : names, project),
    rebuilt() {
      images = 'new';
    },
    running: () => Object.fromEntries([...residents].map(([name, { length }]) => [name, length])),
  };
}

/** The services and all that they wait for, whoever is waited for first. */
function inOrder(names: readonly string[], project: Project): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string): void => {
    for (const other of Object.keys(project.services[name]?.depends_on ?? {})) visit(other);
    order.add(name);
  };
  names.forEach(visit);
  return [...order];
}
