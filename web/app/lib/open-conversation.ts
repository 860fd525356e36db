import type RouterService from '@ember/routing/router-service';
import type { Conversation } from '../models/conversation.ts';
import type { Space } from '../models/space.ts';

/** The conversation that the address names. */
export function openConversation(router: RouterService, space: Space): Conversation | undefined {
  const route = router.currentRoute?.find(({ name }) => name === 'space.channel');
  const slug = route?.params?.['channel'];
  return typeof slug === 'string' ? space.findBySlug(slug) : undefined;
}
