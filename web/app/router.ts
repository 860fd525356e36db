import EmberRouter from '@ember/routing/router';

export default class Router extends EmberRouter {
  location = 'history';
  rootURL = '/';
}

Router.map(function () {
  this.route('login');
  this.route('setup');
  this.route('invite', { path: '/invite/:token' });
  this.route('reset', { path: '/reset/:token' });
  this.route('register');
  this.route('registration', { path: '/register/:token' });
  this.route('settings', { path: '/settings/:section' });
  // One page for all of these: it reads the address itself.
  this.route('admin', function () {
    this.route('a', { path: '/:a' }, function () {
      this.route('b', { path: '/:b' }, function () {
        this.route('c', { path: '/:c' }, function () {
          this.route('d', { path: '/:d' });
        });
      });
    });
  });
  this.route('space', { path: '/:space' }, function () {
    this.route('channel', { path: '/:channel' }, function () {
      this.route('message', { path: '/:message' });
    });
  });
});
