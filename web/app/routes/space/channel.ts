import Route from '@ember/routing/route';

export default class ChannelRoute extends Route {
  model({ channel }: { channel: string }) {
    const { id } = this.modelFor('space') as { id: string };
    return { space: id, slug: channel };
  }
}
