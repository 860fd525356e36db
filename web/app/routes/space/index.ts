import Route from '@ember/routing/route';

export default class SpaceIndexRoute extends Route {
  async model() {
    const { SpaceHome } = await import('../../components/chat/space-home.gts');
    return { ...(this.modelFor('space') as { id: string }), SpaceHome };
  }
}
