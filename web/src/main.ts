import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { chosenLanguage } from './i18n/choice';
import { speak } from './i18n/language.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element with the id "app"');

// Mounted once the page can speak, so that nobody sees another language first.
void speak(chosenLanguage(navigator.languages)).then(() => mount(App, { target }));
