import ScanSearch from '@lucide/svelte/icons/scan-search';
import type { Screen } from '../screens/registry';

export default {
  id: 'reading',
  title: 'screen.reading',
  icon: ScanSearch,
  order: 20,
  place: 'rail',
  needs_study: true,
  load: () => import('./Reading.svelte'),
} satisfies Screen;
