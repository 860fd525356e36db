import Application from '@ember/application';
import Router from './router.ts';
import Intl from 'ember-intl/services/intl';

export default class App extends Application {
  modules = {
    './router': { default: Router },
    './services/intl': { default: Intl },
    ...import.meta.glob('./services/*.ts', { eager: true }),
    ...import.meta.glob('./routes/**/*.ts', { eager: true }),
    ...import.meta.glob('./templates/**/*.gts', { eager: true }),
  };
}
