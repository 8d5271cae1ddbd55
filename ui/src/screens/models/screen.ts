import Boxes from '@lucide/svelte/icons/boxes';
import type { Screen } from '../registry';

export default {
  id: 'models',
  title: 'screen.models',
  icon: Boxes,
  order: 40,
  place: 'rail',
  needs_study: false,
  load: () => import('./Models.svelte'),
} satisfies Screen;
