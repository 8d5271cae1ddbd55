import { mount } from 'svelte';
import App from './App.svelte';
import { connect } from './ipc';
import './look/tokens.css';
import './look/base.css';

await connect();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
