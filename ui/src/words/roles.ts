/** What a person may do, in the words of the chosen language; a role that no catalogue knows is shown as it is stored. */
import { t_maybe } from './index.svelte';

export const role_words = (role: string): string => t_maybe(`administration.role.${role}`) ?? role;
