import Settings from '@lucide/svelte/icons/settings';
import type { Screen } from '../registry';

export default {
  id: 'settings',
  title: 'screen.settings',
  icon: Settings,
  order: 70,
  place: 'foot',
  needs_study: false,
  load: () => import('./Settings.svelte'),
} satisfies Screen;
