import type { Route } from '../../api/http/route';
import { routesOf } from '../../api/app';
import type { RouteDeps } from '../../api/deps';

export interface MountedRoute {
  readonly route: Route;
  readonly method: string;
  /** A path that the route answers, its parameters filled in. */
  readonly path: string;
}

/** Every route under every path that it answers, for rules that hold for all of them. */
export function mountedRoutes(deps: RouteDeps): MountedRoute[] {
  return routesOf(deps).flatMap((route) =>
    [route.path, ...(route.aliases ?? [])].map((path) => ({
      route,
      method: route.method.toUpperCase(),
      path: path.replace(':id', 'some-id'),
    })),
  );
}
