// The parts of ECharts that the desk uses: lines through time, the map with its arcs.
import { LineChart, LinesChart, ScatterChart } from 'echarts/charts';
import { GeoComponent, GridComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([LineChart, LinesChart, ScatterChart, GeoComponent, GridComponent, TooltipComponent, SVGRenderer]);

export { echarts };
export type { EChartsCoreOption as Option, ECElementEvent as Clicked } from 'echarts/core';
