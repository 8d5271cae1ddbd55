import ChartLine from '@lucide/svelte/icons/chart-line';
import type { Screen } from '../registry';

export default {
  id: 'quality',
  title: 'screen.quality',
  icon: ChartLine,
  order: 50,
  place: 'rail',
  needs_study: false,
  load: () => import('./Quality.svelte'),
} satisfies Screen;
