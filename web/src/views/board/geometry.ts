import type { Boundaries } from '@/api/contract';

/** Longitude and latitude. */
type Place = number[];

function area(ring: Place[]): number {
  const twice = ring.reduce((sum, [x0 = 0, y0 = 0], nth) => {
    const [x1 = 0, y1 = 0] = ring[(nth + 1) % ring.length] ?? [];
    return sum + x0 * y1 - x1 * y0;
  }, 0);
  return Math.abs(twice / 2);
}

/** Outer rings of all pieces of a feature. */
function rings(feature: Boundaries['features'][number]): Place[][] {
  return feature.geometry.coordinates.map((polygon) => polygon[0] ?? []);
}

/** Regions too small for their name on a map of the whole. */
export function small(map: Boundaries): Set<string> {
  const areas = map.features.map((feature) => ({
    id: feature.id,
    area: rings(feature).reduce((sum, ring) => sum + area(ring), 0),
  }));
  const whole = areas.reduce((sum, one) => sum + one.area, 0);
  return new Set(areas.filter((one) => one.area < whole * 0.008).map((one) => one.id));
}

/** Width over height of a map as it is drawn, for boxes that fit it. */
export function aspect(map: Boundaries): number {
  const points = map.features.flatMap((feature) => rings(feature).flat());
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const [x = 0, y = 0] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  const middle = ((south + north) / 2) * (Math.PI / 180);
  return north > south ? ((east - west) * Math.cos(middle)) / (north - south) : 1;
}

/** The map as ECharts wants it: the name of a region is the id of its unit. */
export function named(map: Boundaries): object {
  return {
    ...map,
    features: map.features.map((feature) => ({
      ...feature, properties: { ...feature.properties, name: feature.id },
    })),
  };
}
