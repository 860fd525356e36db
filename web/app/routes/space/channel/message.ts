import Route from '@ember/routing/route';

export default class MessageRoute extends Route {
  model({ message }: { message: string }) {
    return { ...(this.modelFor('space.channel') as { space: string; slug: string }), message };
  }
}
