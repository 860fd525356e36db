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
  this.route('admin');
  this.route('admin-place', { path: '/admin/*place' });
  this.route('space', { path: '/:space' }, function () {
    this.route('channel', { path: '/:channel' }, function () {
      this.route('message', { path: '/:message' });
    });
  });
});
