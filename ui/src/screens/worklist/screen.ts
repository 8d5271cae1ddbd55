import List from '@lucide/svelte/icons/list';
import type { Screen } from '../registry';

export default {
  id: 'worklist',
  title: 'screen.worklist',
  icon: List,
  order: 10,
  place: 'rail',
  needs_study: false,
  load: () => import('./Worklist.svelte'),
} satisfies Screen;
