import type { Boundaries, BoardLink } from '@/api/contract';
import type { Option } from '@/components/chart/echarts';
import { known } from './board';
import { small } from './geometry';

/** What the map is drawn from. */
export interface Drawing {
  map: Boundaries;
  links: BoardLink[];
  supporter: string;
  recipient: string;
  role: (unit: string) => string;
  name: (unit: string) => string;
  display: (display: string | null | undefined) => string;
  certainty: (link: BoardLink) => string;
  /** On a wall: light lines on dark ground, larger words. */
  dark?: boolean;
}

const LIGHT = {
  ground: { supporter: '#cfe0f0', recipient: '#f0e2c4', none: '#e9edf1' } as Record<string, string>,
  edge: '#fff', words: '#2c3946', halo: '#f6f3ea', line: '#12355b', faint: '#7c8b99', chosen: '#e8a33d',
};
const DARK = {
  ground: { supporter: '#2b5f8f', recipient: '#8a6a2f', none: '#26394d' } as Record<string, string>,
  edge: '#0d2036', words: '#e8f0f8', halo: '#0d2036', line: '#f4c87a', faint: '#7c8b99', chosen: '#ffd98a',
};

/** Links whose both ends have a place on the map; a table has all. */
export function placed(map: Boundaries, links: BoardLink[]): BoardLink[] {
  return known(links).filter((link) =>
    [link.supporter, link.recipient].every((unit) => map.places[unit ?? ''] !== undefined),
  );
}

/** The option of the link map: districts by role, one arc a link, width by its value. */
export function linkOption(drawing: Drawing): Option {
  const colours = drawing.dark ? DARK : LIGHT;
  const links = placed(drawing.map, drawing.links);
  const most = Math.max(0, ...links.map((link) => Math.abs(link.value ?? 0)));
  const valued = links.some((link) => link.value !== null);
  const cut = Boolean(drawing.supporter || drawing.recipient);
  const within = (link: BoardLink) =>
    (!drawing.supporter || link.supporter === drawing.supporter) &&
    (!drawing.recipient || link.recipient === drawing.recipient);
  const touched = new Set(links.filter(within).flatMap((link) => [link.supporter, link.recipient]));
  const unnamed = small(drawing.map);
  const size = drawing.dark ? 15 : 10.5;
  const isChosen = (unit: string) => unit === drawing.supporter || unit === drawing.recipient;

  return {
    animation: false,
    tooltip: {
      renderMode: 'richText', confine: true, borderColor: '#8593a1', backgroundColor: '#fff', padding: [6, 9],
      textStyle: { color: '#1b2733', fontSize: drawing.dark ? 17 : 12.5 },
      formatter: (about: { componentType: string; name: string; dataIndex: number; componentSubType?: string }) => {
        if (about.componentSubType !== 'lines') return drawing.name(about.name);
        const link = links[about.dataIndex];
        if (!link) return '';
        const pair = `${drawing.name(link.supporter ?? '')} → ${drawing.name(link.recipient ?? '')}`;
        return [pair, drawing.display(link.display), drawing.certainty(link)].filter(Boolean).join('\n');
      },
    },
    geo: {
      map: 'links', roam: false, aspectScale: Math.cos((30 * Math.PI) / 180), nameMap: {},
      // Room for names at the border.
      left: 18, right: 18, top: 8, bottom: 2, selectedMode: false,
      label: { show: false },
      itemStyle: { areaColor: colours.ground.none, borderColor: colours.edge, borderWidth: 1 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: colours.chosen } },
      regions: drawing.map.features.map((feature) => {
        const { id } = feature;
        return {
          name: id,
          itemStyle: {
            areaColor: isChosen(id) ? colours.chosen : colours.ground[drawing.role(id)],
            opacity: cut && !touched.has(id) ? 0.55 : 1,
          },
        };
      }),
    },
    series: [
      {
        type: 'lines', coordinateSystem: 'geo', geoIndex: 0, polyline: false, zlevel: 0, z: 5,
        symbol: ['none', 'arrow'], symbolSize: drawing.dark ? 13 : 8,
        tooltip: { show: true },
        data: links.map((link) => {
          const share = most ? Math.abs(link.value ?? 0) / most : 0;
          const width = valued ? 1 + share * (drawing.dark ? 9 : 6) : drawing.dark ? 3 : 2;
          return {
            coords: [link.supporter, link.recipient].map((unit) => drawing.map.places[unit ?? '']),
            name: `${link.supporter}|${link.recipient}`,
            lineStyle: {
              curveness: 0.22, width,
              color: within(link) ? colours.line : colours.faint,
              opacity: within(link) ? 0.85 : 0.25,
              type: link.certainty === 'attested' ? 'solid' : [6, 4],
            },
            emphasis: { lineStyle: { width: width + 1.5, opacity: 1 } },
          };
        }),
      },
      {
        // Names stand above the arcs, and a little above where these end.
        type: 'scatter', coordinateSystem: 'geo', geoIndex: 0, symbolSize: 0, silent: true, z: 6,
        labelLayout: { hideOverlap: true },
        label: {
          show: true, position: 'top', distance: 3, fontSize: size, fontWeight: 600, color: colours.words,
          textBorderColor: colours.halo, textBorderWidth: 3,
          formatter: (place: { name: string }) => drawing.name(place.name),
        },
        data: drawing.map.features
          .filter(({ id }) => drawing.map.places[id] && (isChosen(id) || !unnamed.has(id)))
          .map(({ id }) => ({ name: id, value: drawing.map.places[id] })),
      },
    ],
  };
}

