import type { GeoJSON, Unit } from '@/api/contract';

export type Place = [number, number];

function walk(coordinates: unknown, at: (place: Place) => void): void {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === 'number') at([coordinates[0], coordinates[1] as number]);
  else coordinates.forEach((part) => walk(part, at));
}

/** Signed area and centre of a ring. */
function ringCentre(ring: Place[]): { area: number; centre: Place } {
  let [area, x, y] = [0, 0, 0];
  ring.forEach(([x0, y0], nth) => {
    const [x1, y1] = ring[(nth + 1) % ring.length] ?? [x0, y0];
    const cross = x0 * y1 - x1 * y0;
    area += cross;
    x += (x0 + x1) * cross;
    y += (y0 + y1) * cross;
  });
  return area === 0
    ? { area: 0, centre: ring[0] ?? [0, 0] }
    : { area: Math.abs(area / 2), centre: [x / (3 * area), y / (3 * area)] };
}

function rings(geometry: GeoJSON['features'][number]['geometry']): Place[][] {
  const coordinates = geometry.coordinates as Place[][] | Place[][][];
  return geometry.type === 'Polygon'
    ? [(coordinates as Place[][])[0] ?? []]
    : (coordinates as Place[][][]).map((polygon) => polygon[0] ?? []);
}

/**
 * Where the arcs of a unit start: the middle of its largest piece. Units without boundaries of their
 * own (functional zones) stand in the middle of the units that contain them.
 */
export function centres(map: GeoJSON, units: Unit[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const feature of map.features) {
    const largest = rings(feature.geometry).map(ringCentre).sort((one, other) => other.area - one.area)[0];
    if (largest) found.set(String(feature.id), largest.centre);
  }
  for (const unit of units) {
    if (found.has(unit.id)) continue;
    const around = unit.within.map((id) => found.get(id)).filter((place) => place !== undefined);
    if (around.length) {
      found.set(unit.id, [
        around.reduce((sum, [x]) => sum + x, 0) / around.length,
        around.reduce((sum, [, y]) => sum + y, 0) / around.length,
      ]);
    }
  }
  return found;
}

/** Regions too small for their name on a map of the whole. */
export function small(map: GeoJSON): Set<string> {
  const areas = map.features.map((feature) => ({
    id: String(feature.id),
    area: rings(feature.geometry).map(ringCentre).reduce((sum, ring) => sum + ring.area, 0),
  }));
  const whole = areas.reduce((sum, one) => sum + one.area, 0);
  return new Set(areas.filter((one) => one.area < whole * 0.008).map((one) => one.id));
}

/** Width over height of a map as it is drawn, for boxes that fit it. */
export function aspect(map: GeoJSON): number {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const feature of map.features) {
    walk(feature.geometry.coordinates, ([x, y]) => {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    });
  }
  const middle = ((south + north) / 2) * (Math.PI / 180);
  return north > south ? ((east - west) * Math.cos(middle)) / (north - south) : 1;
}

/** The map as ECharts wants it: the name of a region is the id of its unit. */
export function named(map: GeoJSON): object {
  return {
    ...map,
    features: map.features.map((feature) => ({
      ...feature, properties: { ...feature.properties, name: String(feature.id) },
    })),
  };
}
